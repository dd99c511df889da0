// SPDX-License-Identifier: GPL-2.0-only
import type { PointerEvent } from 'react'
import type { BookNames } from '../live/names.ts'
import type { CellPlace } from './pointed.ts'

/** How long the mouse rests at a place before it is told what stands there, in milliseconds. */
const patience = 300

let timer: ReturnType<typeof setTimeout> | undefined

/** Waits whether the mouse rests in code of `cell`, and then tells of the name that it points at. */
export function restAt(
  { target, pointerType, buttons, clientX: x, clientY: y }: PointerEvent,
  cell: CellPlace,
  names: () => Promise<BookNames | undefined>,
): void {
  forgetPoint()
  const code = target instanceof Element ? target.closest('.vl-code code') : null
  // Who holds a button selects text.
  if (!code || pointerType !== 'mouse' || buttons !== 0) return
  const mine = setTimeout(async () => {
    const [known, { tellAt }] = await Promise.all([names(), import('./pointed.ts')])
    if (known && timer === mine) tellAt(code, { x, y }, known, cell)
  }, patience)
  timer = mine
}

/** The mouse is elsewhere. */
export function forgetPoint(): void {
  clearTimeout(timer)
  timer = undefined
}
