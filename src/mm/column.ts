// SPDX-License-Identifier: GPL-2.0-only
// Growing lists of numbers that cost the garbage collector nothing.

/** A list of 32-bit integers. */
export class Column {
  length = 0
  private numbers: Int32Array = new Int32Array(64)

  push(value: number): void {
    if (this.length === this.numbers.length) {
      const more = new Int32Array(this.length * 2)
      more.set(this.numbers)
      this.numbers = more
    }
    this.numbers[this.length++] = value
  }

  /** Precondition: `at` is below the length. */
  get(at: number): number {
    return this.numbers[at] as number
  }

  set(at: number, value: number): void {
    this.numbers[at] = value
  }

  /** How many are no more than `value`. Precondition: they are in order. */
  upTo(value: number): number {
    return first(this.length, (at) => (this.numbers[at] as number) > value)
  }
}

/** The lowest of the numbers below `length` for which `isAfter` holds, as for all above it; else `length`. */
export function first(length: number, isAfter: (at: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Numbers in rows: any, or 32-bit integers. */
export type Numbers = Float64Array | Int32Array

/** Rows in a chunk: a power of two. */
const CHUNK = 1024
const CHUNK_SHIFT = 10

/** A list of rows of numbers, all of one width. */
export class Rows<Row extends Numbers> {
  length = 0
  private readonly width: number
  private readonly make: (length: number) => Row
  private readonly chunks: Row[] = []

  constructor(width: number, make: (length: number) => Row) {
    this.width = width
    this.make = make
  }

  /**
   * The chunk that row `at` lies in, from {@link Rows.base} on; there is room for the row.
   * Precondition: row `at - 1` was written.
   */
  chunk(at: number): Row {
    const number = at >>> CHUNK_SHIFT
    if (number === this.chunks.length) this.chunks.push(this.make(CHUNK * this.width))
    return this.chunks[number] as Row
  }

  /** Where row `at` begins in its chunk. */
  base(at: number): number {
    return (at & (CHUNK - 1)) * this.width
  }
}
