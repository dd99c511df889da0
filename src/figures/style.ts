// SPDX-License-Identifier: GPL-2.0-only
// The style sheet and the patterns inside a figure's SVG.
import { COLOURS, type Colour, type Fill, lineOf, TEXTURES } from './theme.ts'

const NAMES = Object.keys(COLOURS) as Colour[]
const FILLS = Object.keys(TEXTURES) as Fill[]

/** The light value of a colour: what a renderer without CSS variables shows. */
export function lightOf(colour: Colour): string {
  return COLOURS[colour][0]
}

/** Whether a name out of an attribute is a colour of the theme. */
export function isColour(name: string): name is Colour {
  return Object.hasOwn(COLOURS, name)
}

/**
 * The rules for the colours in use. The system's choice comes first, then the switches of Docusaurus and JupyterLab,
 * which beat it; paper is always light. A host may set any `--vl-NAME`.
 */
export function styleSheet(used: ReadonlySet<Colour>): string {
  const colours = NAMES.filter((name) => used.has(name))
  const values = (mode: 0 | 1) =>
    colours.map((name) => `--${name}:var(--vl-${name},${COLOURS[name][mode]})`).join(';')
  const [light, dark] = [values(0), values(1)]
  return [
    `.vl{display:block;max-width:100%;height:auto;${light}}`,
    `@media(prefers-color-scheme:dark){.vl{${dark}}}`,
    `[data-theme=light] .vl,[data-jp-theme-light=true] .vl{${light}}`,
    `[data-theme=dark] .vl,[data-jp-theme-light=false] .vl{${dark}}`,
    `@media print{.vl,[data-theme] .vl,[data-jp-theme-light] .vl{${light}}}`,
    ...colours.map(
      (name) => `.vl .f-${name}{fill:var(--${name})}.vl .s-${name}{stroke:var(--${name})}`,
    ),
    '.vl text{white-space:pre}@media(forced-colors:active){.vl{forced-color-adjust:none}}',
  ].join('')
}

/** The fills whose textures are named in the body of an SVG. */
export function texturesIn(body: string): Fill[] {
  return FILLS.filter((fill) => body.includes(`-texture-${fill})`))
}

/** The pattern of a fill's texture; `id` is the figure's own prefix. */
export function pattern(fill: Fill, id: string): string {
  const texture = TEXTURES[fill]
  if (!texture) return ''
  const { size, turn, opacity, lines, dots = [] } = texture
  const ink = lineOf(fill)
  const marks = [
    ...(lines
      ? [
          `<path class="s-${ink}" d="${lines.d}" opacity="${opacity}" stroke="${lightOf(ink)}" stroke-width="${lines.width}"/>`,
        ]
      : []),
    ...dots.map(
      ([x, y, r]) =>
        `<circle class="f-${ink}" cx="${x}" cy="${y}" fill="${lightOf(ink)}" opacity="${opacity}" r="${r}"/>`,
    ),
  ]
  const turned = turn === 0 ? '' : ` patternTransform="rotate(${turn})"`
  const ground = `<rect class="f-${fill}" fill="${lightOf(fill)}" height="${size}" width="${size}"/>`
  return `<pattern height="${size}" id="${id}-texture-${fill}"${turned} patternUnits="userSpaceOnUse" width="${size}">${ground}${marks.join('')}</pattern>`
}
