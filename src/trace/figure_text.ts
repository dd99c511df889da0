// SPDX-License-Identifier: GPL-2.0-only
// The words of every figure: its sentence and its text twin.
import { compareText, compareTitle } from './compare.ts'
import type { Figure, FigureTable } from './figure.ts'
import { historyText, historyTitle } from './history.ts'
import { layoutText } from './layout_text.ts'
import { layoutTitle } from './layout_view.ts'
import { measuresText, measuresTitle } from './measures.ts'
import { pagesText, pagesTitle } from './pages.ts'
import { pipelineText, pipelineTitle } from './pipeline_text.ts'
import { timelineText, timelineTitle } from './timeline.ts'
import { whyNotMergedTable, whyNotMergedText, whyNotMergedTitle } from './why_not_merged.ts'

interface Words<F> {
  readonly title: (figure: F) => string
  readonly text: (figure: F) => string
}

const words: { readonly [Kind in Figure['kind']]: Words<Extract<Figure, { kind: Kind }>> } = {
  layout: { title: layoutTitle, text: layoutText },
  compare: { title: compareTitle, text: compareText },
  timeline: { title: timelineTitle, text: timelineText },
  history: { title: historyTitle, text: historyText },
  pages: { title: pagesTitle, text: pagesText },
  pipeline: { title: pipelineTitle, text: pipelineText },
  whyNotMerged: { title: whyNotMergedTitle, text: whyNotMergedText },
  measures: { title: measuresTitle, text: measuresText },
}

/** The sentence that a figure proves: the author's, else one made of the facts. */
export function figureTitle(figure: Figure): string {
  return wordsOf(figure).title(figure)
}

/** The text twin of a figure: what is shown where no picture can be. */
export function figureText(figure: Figure): string {
  return printable(wordsOf(figure).text(figure))
}

/** The table that belongs to a figure, for a host that shows it as text under the picture. */
export function figureTable(figure: Figure): FigureTable | undefined {
  return figure.kind === 'whyNotMerged' ? whyNotMergedTable(figure) : undefined
}

function wordsOf(figure: Figure): Words<Figure> {
  return words[figure.kind] as Words<Figure>
}

/** A name may hold any byte but a terminal must not obey it. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|\p{Cs}/gu, '\uFFFD')
}
