// SPDX-License-Identifier: GPL-2.0-only
export { readConnection } from './connection.ts'
export { runKernel } from './kernel.ts'
export { installKernelspec, KERNEL_NAME } from './kernelspec.ts'
export type { Surroundings } from './places.ts'
export { dataFolders, surroundings, userDataFolder } from './places.ts'
export type { CellResult, Completeness, Completion, Session, SessionOptions } from './session.ts'
export { openSession } from './session.ts'
