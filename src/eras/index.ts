// SPDX-License-Identifier: GPL-2.0-only
export { complete } from './complete.ts'
export { legacy } from './legacy.ts'
export { type Config, linux } from './linux.ts'
export { mapped } from './mapped.ts'
