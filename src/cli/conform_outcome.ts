// SPDX-License-Identifier: GPL-2.0-only
/** The model does not do this operation: the rest of the scenario is skipped under this reason. */
export class Skip extends Error {
  override name = 'Skip'
}

/** How a scenario ended. */
export interface Outcome {
  /** Operations in the scenario, injections not counted. */
  readonly ops: number
  /** The operation that differed, how, and how many follow it. */
  readonly mismatch?: {
    readonly op: number
    readonly left: number
    readonly differences: readonly string[]
  }
  /** Why the rest was skipped, and how many operations that is. */
  readonly skip?: { readonly left: number; readonly reason: string }
  /** Operations that differ where the recording calls its own state doubtful. */
  readonly informative: number
}
