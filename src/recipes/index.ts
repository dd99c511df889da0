// SPDX-License-Identifier: GPL-2.0-only
export { compareTranscripts, type TranscriptDifference } from './compare.ts'
export { FRESH_PHYS, isModelled, PHYS, runInModel } from './model.ts'
export { scenarioOf } from './scenario.ts'
export {
  compareReleases,
  filesOf,
  isFor,
  type RecipeEntry,
  type RecipeFile,
  type RecipeRole,
  recipes,
  twelve,
} from './table.ts'
