// SPDX-License-Identifier: GPL-2.0-only
export { action } from './action.ts'
export { complete } from './complete.ts'
export { eras } from './eras.ts'
export { legacy } from './legacy.ts'
export { type Config, linux, releaseOf } from './linux.ts'
export { mapped } from './mapped.ts'
export { prepare } from './prepare.ts'
export { proto } from './proto.ts'
