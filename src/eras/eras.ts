// SPDX-License-Identifier: GPL-2.0-only
import type { Era } from '../mm/index.ts'
import { action } from './action.ts'
import { complete } from './complete.ts'
import { legacy } from './legacy.ts'
import { mapped } from './mapped.ts'
import { prepare } from './prepare.ts'
import { proto } from './proto.ts'

/** The hook protocols in order of time. Each carries its row of the table: `era.name`, `era.about`. */
export const eras: readonly Era[] = [legacy, proto, prepare, complete, action, mapped]
