// SPDX-License-Identifier: GPL-2.0-only
import type { CellOutput } from '../literate/index.ts'

/** The output of a cell that was stopped from outside. */
export const interrupted: Extract<CellOutput, { readonly type: 'error' }> = {
  type: 'error',
  ename: 'Interrupted',
  evalue: 'the cell was stopped',
  traceback: ['Interrupted: the cell was stopped; what earlier cells made is still there'],
}
