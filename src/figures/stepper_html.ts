// SPDX-License-Identifier: GPL-2.0-only
// A call to be walked through in a notebook: one piece of HTML that needs neither a kernel nor the network.
import { type Moment, startStepper } from '../stepper/index.ts'
import { escapeHtml } from '../trace/index.ts'
import type { FigureRows } from './timeline.ts'

/** A picture as SVG text, its width in px, and where its rows are. */
export interface WalkedSvg {
  readonly svg: string
  readonly width: number
  readonly rows: FigureRows
}

/**
 * The picture of a call, and a script that lets the reader walk through it; `narrow` takes its place where there is
 * less room than it needs. The picture is an image: JupyterLab takes scripts and SVG out of a notebook that it does not
 * trust, and that one stays.
 */
export function stepperHtml(
  title: string,
  moments: readonly Moment[],
  wide: WalkedSvg,
  narrow: WalkedSvg,
): string {
  const [, id = ''] = /^<svg aria-labelledby="(\w+)-t/.exec(wide.svg) ?? []
  const data = [id, moments, { ...wide, svg: '' }, { ...narrow, svg: address(narrow.svg) }]
  return [
    `<div data-vmalab="${id}">`,
    `<div class="vl-drawing"><img alt="${escapeHtml(title)}" src="${address(wide.svg)}"></div>`,
    `<script>(${sourceOf(start)})(\n${sourceOf(startStepper)}, ...${JSON.stringify(data).replaceAll('<', '\\u003c')})</script>`,
    '</div>\n',
  ].join('\n')
}

/** The notebook's script. It goes there as text: no name of this module is in it. */
function start(
  walk: typeof startStepper,
  id: string,
  moments: readonly Moment[],
  wide: WalkedSvg,
  narrow: WalkedSvg,
): void {
  const places = document.querySelectorAll<HTMLElement>(`[data-vmalab="${id}"]:not([data-on])`)
  for (const place of places) {
    const first = place.querySelector<HTMLElement>('.vl-drawing')
    if (first === null) continue
    place.dataset.on = ''
    // JupyterLab's keys are for cells.
    place.dataset.lmSuppressShortcuts = 'true'
    const second = first.cloneNode(true) as HTMLElement
    second.querySelector('img')?.setAttribute('src', narrow.svg)
    second.style.maxWidth = `${narrow.width}px`
    first.after(second)
    place.style.maxWidth = `${wide.width}px`
    for (const drawing of [first, second]) {
      drawing.style.overflowX = 'auto'
      const image = drawing.querySelector('img')
      if (image) Object.assign(image.style, { display: 'block', maxWidth: 'none' })
    }
    const choose = (): void => {
      const isNarrow = place.clientWidth > 0 && place.clientWidth < wide.width
      first.hidden = isNarrow
      second.hidden = !isNarrow
    }
    choose()
    new ResizeObserver(choose).observe(place)
    walk(place, moments, [
      { place: first, ...wide.rows },
      { place: second, ...narrow.rows },
    ])
  }
}

/** A function that stands alone as text, without what is for its reader here. */
function sourceOf(stands: object): string {
  return String(stands)
    .replace(/^\s*(?:\/\/|\/?\*).*\n/gm, '')
    .replace(/^ +/gm, '')
}

/** SVG as an address, which stays legible. */
function address(svg: string): string {
  const escaped = svg.trim().replace(/[%#<>"\n&]/g, encodeURIComponent)
  return `data:image/svg+xml,${escaped}`
}
