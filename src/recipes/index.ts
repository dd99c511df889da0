// SPDX-License-Identifier: GPL-2.0-only
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
