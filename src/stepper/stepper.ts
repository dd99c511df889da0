// SPDX-License-Identifier: GPL-2.0-only

/** One moment of a call, in words. */
export interface Moment {
  /** What happens. */
  readonly name: string
  /** The kernel function that runs; empty where none is named. */
  readonly fn: string
  /** What state the call and its hooks are in; may be empty. */
  readonly state: string
  /** The locks held, in words. */
  readonly locks: readonly string[]
  /** What is mapped when the step is done, a line for each VMA. */
  readonly layout: readonly string[]
}

/** A picture of the call, with a row for each moment: row i begins at `top + i * height`, in px. */
export interface WalkedPicture {
  /** What holds the picture and nothing else. */
  readonly place: HTMLElement
  readonly top: number
  readonly height: number
}

/**
 * Makes in `place` a slider and two buttons that move a cursor over the rows of the pictures, and beneath them what
 * holds at that moment. Nothing moves by itself. Returns what takes all of it away. A notebook carries this function as
 * text: so it stands alone, without imports and without names of this module.
 */
export function startStepper(
  place: HTMLElement,
  moments: readonly Moment[],
  pictures: readonly WalkedPicture[],
): () => void {
  const css = `
.vl-stepper { font-size: 13px; line-height: 1.5; }
.vl-walk { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
.vl-walk label { min-width: 6.5rem; color: var(--vl-ink2, inherit); }
.vl-walk input { flex: 1 1 8rem; min-width: 0; height: 2.5rem; margin: 0; accent-color: var(--vl-link, #1f6fc4); }
.vl-walk button { width: 2.5rem; height: 2.5rem; border: 1px solid var(--vl-edge, currentcolor); border-radius: 4px;
background: var(--vl-ground, transparent); color: inherit; cursor: pointer; }
.vl-walk button[aria-disabled="true"] { border-color: var(--vl-rule, transparent); cursor: default; }
.vl-stepper .vl-moment { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: 2px 8px;
margin: 4px 0 8px; }
.vl-stepper .vl-moment dt { display: block; float: none; width: auto; margin: 0; font-weight: normal;
color: var(--vl-ink2, inherit); }
.vl-stepper .vl-moment dd { display: block; width: auto; min-height: 1.4em; margin: 0; padding: 0;
overflow-wrap: anywhere; }
.vl-stepper .vl-moment ul { margin: 0; padding: 0; list-style: none; }
.vl-drawing:has(> .vl-cursor) { position: relative; }
.vl-cursor { position: absolute; left: 0; right: 0; border: 2px solid var(--vl-link, #1f6fc4); border-radius: 4px;
pointer-events: none; }
@media print { .vl-stepper, .vl-cursor { display: none; } }`
  const make = (
    name: string,
    attributes: Readonly<Record<string, string>>,
    ...children: readonly (Node | string)[]
  ): HTMLElement => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(...children)
    return element
  }
  let at = 0
  const last = moments.length - 1
  const id = `vl-walk-${Math.random().toString(36).slice(2)}`
  const label = make('label', { for: id })
  const slider = make('input', { id, type: 'range', min: '1', max: `${moments.length}` })
  const button = (name: string, sign: string): HTMLElement =>
    make('button', { type: 'button', 'aria-label': name }, sign)
  const back = button('Previous step', '◀')
  const on = button('Next step', '▶')
  const words = make('dl', { class: 'vl-moment', 'aria-live': 'polite' })
  const cursors = pictures.map(() => make('div', { class: 'vl-cursor' }))

  const heldIn = ({ locks }: Moment): string => locks.join('; ') || 'none'
  const told = (moment: Moment): string => {
    const { name, fn, state, layout } = moment
    const mapped = layout.join('; ') || 'nothing is mapped here'
    const parts = [fn ? `${name} (${fn})` : name, state, `locks: ${heldIn(moment)}`, mapped]
    return parts.filter(Boolean).join('. ')
  }
  const say = (moment: Moment): void => {
    const { name, fn, state, layout } = moment
    const lines = layout.map((line) => make('li', {}, make('code', {}, line)))
    const now = [make('strong', {}, name), ' ', ...(fn ? [make('code', {}, fn)] : [])]
    const rows: readonly [string, readonly (Node | string)[]][] = [
      ['Now', now],
      ['State', [state || 'nothing special']],
      ['Locks', [heldIn(moment)]],
      ['Layout', [lines.length > 0 ? make('ul', {}, ...lines) : 'nothing is mapped here']],
    ]
    words.replaceChildren(
      ...rows.flatMap(([term, parts]) => [make('dt', {}, term), make('dd', {}, ...parts)]),
    )
  }
  const mark = (): void => {
    for (const [i, { place, top, height }] of pictures.entries()) {
      const cursor = cursors[i]
      if (cursor === undefined) continue
      cursor.style.top = `${top + at * height}px`
      cursor.style.height = `${height}px`
      if (cursor.parentNode !== place) place.append(cursor)
    }
  }
  const name = (): void => {
    const moment = moments[at]
    label.textContent = `Step ${at + 1} of ${moments.length}`
    Reflect.set(slider, 'value', `${at + 1}`)
    if (moment) slider.setAttribute('aria-valuetext', `${at + 1}: ${told(moment)}`)
    back.setAttribute('aria-disabled', `${at === 0}`)
    on.setAttribute('aria-disabled', `${at === last}`)
  }
  const go = (to: number): void => {
    at = Math.max(0, Math.min(last, to))
    name()
    mark()
    const moment = moments[at]
    if (moment) say(moment)
    if (words.parentNode === null) walker.append(words)
  }
  const isShown = (): boolean => words.parentNode !== null
  slider.addEventListener('input', () => go(Number(Reflect.get(slider, 'value')) - 1))
  slider.addEventListener('focus', () => go(at))
  back.addEventListener('click', () => go(at - 1))
  on.addEventListener('click', () => go(isShown() ? at + 1 : 0))
  // A notebook would take the arrows for its own.
  slider.addEventListener('keydown', (event) => event.stopPropagation())

  const controls = make('div', { class: 'vl-walk' }, label, back, slider, on)
  const walker = make('div', { class: 'vl-stepper' }, make('style', {}, css), controls)
  name()
  if (last >= 0) place.append(walker)
  return () => {
    for (const element of [walker, ...cursors]) element.remove()
  }
}
