// SPDX-License-Identifier: GPL-2.0-only
import Original from '@theme-init/MDXComponents'
import { Cell } from '../../client/Cell.tsx'

export default { ...Original, Cell }
