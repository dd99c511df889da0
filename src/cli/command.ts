// SPDX-License-Identifier: GPL-2.0-only
/** One command of `vmalab`: what `main` needs to list it, explain it and run it. */
export interface Command {
  /** One line for `vmalab --help`. */
  readonly summary: string
  /** The whole text of `vmalab NAME --help`, usage line first. */
  readonly help: string
  /** Runs it with the arguments after its name; resolves to the exit status. A {@link UsageError} prints the usage. */
  run(args: readonly string[]): Promise<number>
}

/** The command line is wrong: the message names the word, the rule and what to write instead. Exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
