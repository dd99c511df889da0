// SPDX-License-Identifier: GPL-2.0-only
import { TYPES, type TypeName, type TypeStyle } from './theme.ts'

// Advance widths of U+0020..U+007E in hundredths of an em, measured in Chromium on DejaVu Sans, which is wider than the
// fonts before it in the stack: what fits by this table fits in all of them.
const SANS =
  '32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84'
const BOLD =
  '35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 100 77 76 73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50 50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84'
const MONO_EM = 0.605
/** The few others that the figures write themselves. */
const OTHERS: Readonly<Record<string, number>> = {
  '…': 1,
  '′': 0.27,
  '″': 0.46,
  '‴': 0.65,
  '–': 0.5,
  '₂': 0.44,
  '×': 0.84,
}

const widthTable = (hundredths: string) => hundredths.split(' ').map((width) => Number(width) / 100)
const TABLES = { regular: widthTable(SANS), bold: widthTable(BOLD) }

/** The width of a text in px, by table, as there is no layout without a browser. */
export function textWidth(text: string, type: TypeName): number {
  const style: TypeStyle = TYPES[type]
  const table = style.weight ? TABLES.bold : TABLES.regular
  let em = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (style.font === 'mono') em += code < 0x1100 || char === '…' || char === '–' ? MONO_EM : 1.1
    else em += table[code - 32] ?? OTHERS[char] ?? (code < 0x1100 ? 0.85 : 1.1)
  }
  return em * style.size
}

/** The text cut to a width with … at the end; empty when not even two characters and the … fit. */
export function shorten(text: string, type: TypeName, width: number): string {
  if (textWidth(text, type) <= width) return text
  const chars = [...text]
  let end = Math.min(chars.length, 256)
  while (end > 0 && textWidth(`${chars.slice(0, end).join('')}…`, type) > width) end--
  return end < 2 ? '' : `${chars.slice(0, end).join('').trimEnd()}…`
}

/** The text in lines of at most `width` px, broken at spaces; a word that is too long is cut, as is the last line. */
export function wrapText(text: string, type: TypeName, width: number, mostLines = 99): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word
    if (!line || lines.length === mostLines - 1 || textWidth(longer, type) <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  if (line) lines.push(line)
  return lines.map((each) => shorten(each, type, width)).filter(Boolean)
}
