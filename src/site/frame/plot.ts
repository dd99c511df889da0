// SPDX-License-Identifier: GPL-2.0-only
// Plot for the cells of a page that draw for themselves; sent into the Worker by the page, for a run that needs it.
import { parseHTML } from 'linkedom/worker'
import { type PlotScope, plotScope } from '../../figures/index.ts'

/** What a cell finds in scope. */
export function openPlot(): Promise<PlotScope> {
  return plotScope(parseHTML('<!doctype html><html><body></body></html>').document)
}
