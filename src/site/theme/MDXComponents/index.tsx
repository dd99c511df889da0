// SPDX-License-Identifier: GPL-2.0-only
import Original from '@theme-init/MDXComponents'
import { Cell } from '../../client/Cell.tsx'
import { PageBar } from '../../client/PageBar.tsx'

const components: Readonly<Record<string, unknown>> = { ...Original, Cell, PageBar }

export default components
