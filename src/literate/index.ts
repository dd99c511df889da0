// SPDX-License-Identifier: GPL-2.0-only
export { differences } from './differences.ts'
export type { Lines, Notebook, NotebookCell, NotebookData, NotebookOutput } from './notebook.ts'
export { notebookText, toNotebook } from './notebook.ts'
export type { CellOutput, ExecutedCell, ExecutedPage, KnownName, MimeBundle } from './output.ts'
export { FIGURE_MIME } from './output.ts'
export type { LiveCell, Page, Prose } from './page.ts'
export { PageError, parsePage } from './page.ts'
export { type RstOptions, toRst } from './rst.ts'
export type { StoredCell, StoredNotebook } from './stored.ts'
export {
  CellOutputs,
  NotebookError,
  outputDifference,
  parseNotebook,
  sourceText,
  tagsOf,
} from './stored.ts'
