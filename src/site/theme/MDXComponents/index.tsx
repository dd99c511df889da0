// SPDX-License-Identifier: GPL-2.0-only
import Original from '@theme-init/MDXComponents'
import { Cell } from '../../client/Cell.tsx'
import { PageBar } from '../../client/PageBar.tsx'
import { CFile, Change } from '../../client/Recipe.tsx'
import { Table, TableHead } from '../../client/tables.tsx'
import { Variant, Variants } from '../../client/Variants.tsx'

const components: Readonly<Record<string, unknown>> = {
  ...Original,
  Cell,
  PageBar,
  CFile,
  Change,
  Variant,
  Variants,
  table: Table,
  th: TableHead,
}

export default components
