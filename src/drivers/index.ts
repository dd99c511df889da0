// SPDX-License-Identifier: GPL-2.0-only
export { type EveryHook, everyHook } from './every_hook.ts'
export { findings } from './findings.ts'
export { drivers } from './gallery.ts'
export { type About, type AnyPattern, type Hooks, hooksIn, type Pattern } from './pattern.ts'
export { probes, type Trial } from './probes/driver.ts'
export type { Finding, Verdict } from './scenario.ts'
