// SPDX-License-Identifier: GPL-2.0-only
// What is told of a name in code that nobody edits. It is loaded when the reader first points at such code.
import { type BookNames, nameAt } from '../live/names.ts'
import { toldElement } from './told.ts'

/** A place in the window, in CSS pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A cell of the book, by its page's file below docs/, without its ending, and its number from 1 on. */
export interface CellPlace {
  readonly page: string
  readonly n: number
}

/** Tells of the name at `point` in the `code` of a cell, until the pointer leaves it; of nothing where none stands. */
export function tellAt(
  code: Element,
  point: Point,
  names: BookNames,
  { page, n }: CellPlace,
): void {
  const lines = [...code.children]
  const caret = caretAt(point)
  const line = lines.find((one) => caret && one.contains(caret.startContainer))
  if (!line || !caret) return
  // A line's end is no character of it.
  const before = lines
    .slice(0, lines.indexOf(line))
    .reduce((sum, { textContent }) => sum + (textContent?.length ?? 0) + 1, 0)
  const column = textRange(line, 0, 0)
  column.setEnd(caret.startContainer, caret.startOffset)
  const name = nameAt(names, page, n, before + column.toString().length)
  if (!name) return
  const place = textRange(line, name.start - before, name.end - before).getBoundingClientRect()
  // The caret is the nearest, however far it is.
  if (isIn(place, point)) show(toldElement(name), place)
}

/** Not every browser that the site is for has the newer one, of which TypeScript thinks that all have it. */
type Carets = Pick<Document, 'caretRangeFromPoint'> &
  Partial<Pick<Document, 'caretPositionFromPoint'>>

/** Where a caret would be set by a click; undefined where there is no text. */
function caretAt({ x, y }: Point): Range | undefined {
  const carets: Carets = document
  if (!carets.caretPositionFromPoint) return carets.caretRangeFromPoint(x, y) ?? undefined
  const position = carets.caretPositionFromPoint(x, y)
  if (!position) return undefined
  const range = document.createRange()
  range.setStart(position.offsetNode, position.offset)
  return range
}

/** The characters of an element from `start` to `end`. */
function textRange(element: Element, start: number, end: number): Range {
  const range = document.createRange()
  range.setStart(element, 0)
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  let passed = 0
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.nodeValue?.length ?? 0
    if (start >= passed && start < passed + length) range.setStart(node, start - passed)
    if (end > passed && end <= passed + length) range.setEnd(node, end - passed)
    passed += length
  }
  return range
}

/** A pointer is as near as inside, so that it can cross from the name to what is told. */
const near = 6

function isIn({ left, right, top, bottom }: DOMRect, { x, y }: Point, margin = 0): boolean {
  return x >= left - margin && x <= right + margin && y >= top - margin && y <= bottom + margin
}

let hide = (): void => {}

/** Shows `told` above `place`, or below it where there is no room, until the pointer is at neither, or a key is pressed. */
function show(told: HTMLElement, place: DOMRect): void {
  hide()
  told.classList.add('vl-pointed')
  document.body.append(told)
  const { offsetWidth, offsetHeight } = told
  const left = Math.min(place.left, document.documentElement.clientWidth - offsetWidth - near)
  const above = place.top - offsetHeight - near
  told.style.left = `${Math.max(near, left)}px`
  told.style.top = `${above >= near ? above : place.bottom + near}px`
  const stop = new AbortController()
  hide = () => {
    stop.abort()
    told.remove()
  }
  const { signal } = stop
  const onMove = ({ clientX: x, clientY: y }: PointerEvent): void => {
    if (!isIn(place, { x, y }, near) && !isIn(told.getBoundingClientRect(), { x, y }, near)) hide()
  }
  const onScroll = ({ target }: Event): void => {
    if (target !== told) hide()
  }
  addEventListener('pointermove', onMove, { signal })
  addEventListener('keydown', () => hide(), { signal })
  addEventListener('scroll', onScroll, { signal, capture: true })
}
