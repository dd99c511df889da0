// SPDX-License-Identifier: GPL-2.0-only
export { type Choice, chooseFile } from './choose.ts'
export { compareTranscripts, type TranscriptDifference } from './compare.ts'
export { type Conversion, FRESH_PHYS, isModelled, PHYS, runInModel } from './model.ts'
export {
  type Outcome,
  provenance,
  type Report,
  type Reports,
  reportPaths,
  sha256Of,
} from './report.ts'
export { scenarioOf } from './scenario.ts'
export {
  recipe,
  recipeList,
  recipeText,
  type ShownList,
  type ShownRecipe,
} from './show.ts'
export {
  type DiffHunk,
  type DiffLine,
  patchName,
  patchOf,
  type RecipeSource,
  readRecipe,
  type SourceFile,
} from './source.ts'
export {
  filesOf,
  isFor,
  type RecipeEntry,
  type RecipeFile,
  type RecipeRole,
  recipes,
  twelve,
} from './table.ts'
