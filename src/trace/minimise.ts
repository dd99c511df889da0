// SPDX-License-Identifier: GPL-2.0-only
import { PROT_READ } from '../mm/index.ts'
import type { Op, Program } from './program.ts'

/** Tries no more programs than this. */
const TRIES = 400

/**
 * The smallest program that still shows what `shows` asks for: without each call that can go, and with the plainest
 * arguments. `program` itself must show it.
 */
export function minimise(program: Program, shows: (program: Program) => boolean): Program {
  let best = program
  let left = TRIES
  for (let changed = true; changed; ) {
    changed = false
    for (const smaller of candidates(best)) {
      if (left-- <= 0) return best
      if (!shows(smaller)) continue
      best = smaller
      changed = true
      break
    }
  }
  return best
}

function* candidates(program: Program): Generator<Program, void, undefined> {
  for (const at of program.keys()) yield replaced(program, at)
  const lowest = Math.min(...program.map((op) => ('page' in op ? op.page : Number.MAX_VALUE)))
  if (lowest > 0 && lowest < Number.MAX_VALUE) yield program.map((op) => moved(op, lowest))
  for (const [at, op] of program.entries())
    for (const plainer of plainerOps(op)) yield replaced(program, at, plainer)
}

function moved(op: Op, down: number): Op {
  if (!('page' in op)) return op
  const page = op.page - down
  return op.call === 'mremap' && op.to !== undefined
    ? { ...op, page, to: op.to - down }
    : { ...op, page }
}

function* plainerOps(op: Op): Generator<Op, void, undefined> {
  if ('page' in op && op.page > 0) yield { ...op, page: 0 }
  if ('pages' in op && op.pages > 1) {
    yield { ...op, pages: 1 }
    yield { ...op, pages: op.pages - 1 }
  }
  switch (op.call) {
    case 'mmap':
      if (op.prot !== PROT_READ) yield { ...op, prot: PROT_READ }
      if (op.pgoff !== null && op.pgoff > 0) yield { ...op, pgoff: 0 }
      if (!op.shared && op.pgoff !== null) yield { ...op, shared: true }
      return
    case 'touch':
      if (op.write) yield { ...op, write: false }
      return
    case 'failNth':
      if (op.nth > 1) yield { ...op, nth: op.nth - 1 }
      return
    default:
      return
  }
}

function replaced(program: Program, at: number, ...by: Op[]): Program {
  return [...program.slice(0, at), ...by, ...program.slice(at + 1)]
}
