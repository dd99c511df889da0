// SPDX-License-Identifier: GPL-2.0-only
export type { CellResult, Completeness, Completion, Session, SessionOptions } from './session.ts'
export { openSession } from './session.ts'
