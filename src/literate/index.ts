// SPDX-License-Identifier: GPL-2.0-only
export type { CellOutput, ExecutedCell, ExecutedPage, MimeBundle } from './output.ts'
export { FIGURE_MIME } from './output.ts'
