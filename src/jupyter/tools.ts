// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto'
import { shownBundle } from './bundle.ts'
import type { SessionOutput } from './outputs.ts'

/** Resolves to what the reader typed; rejects when nobody can be asked. */
export type Ask = (prompt: string, password: boolean) => Promise<string>

/** Who is behind the tools of a cell. */
export interface ToolHost {
  emit(output: SessionOutput): void
  readonly ask: Ask
}

/** What a cell finds in scope to talk to its notebook: declarations for the prelude. */
export const toolDeclarations = `/** Asks the reader for a line of text; what is typed is not shown when \`password\` is set. */
declare let input: (prompt?: string, options?: { readonly password?: boolean }) => Promise<string>
/** Shows a value now, before the cell ends; \`update\` puts another in its place. */
declare let show: (value: unknown) => { update(value: unknown): void }
/** Takes away what the cell has shown so far; with \`wait\`, as soon as there is something new to show. */
declare let clearOutput: (options?: { readonly wait?: boolean }) => void
/** Shows a value in the notebook's pager, outside of the cell. */
declare let pager: (value: unknown) => void`

/** The functions that {@link toolDeclarations} declares, by name. */
export function cellTools({ emit, ask }: ToolHost): Readonly<Record<string, unknown>> {
  return {
    input(prompt: unknown = '', options: unknown = {}) {
      // Made here, it knows the line of the cell.
      const refused = new Error()
      return ask(String(prompt), Reflect.get(Object(options), 'password') === true).catch(
        (error) => {
          refused.message = error.message
          throw refused
        },
      )
    },
    show(value: unknown) {
      const id = randomUUID()
      const say = (one: unknown, update: boolean): void =>
        emit({ type: 'named', id, update, data: shownBundle(one) })
      say(value, false)
      return { update: (next: unknown): void => say(next, true) }
    },
    clearOutput: (options: unknown = {}) =>
      emit({ type: 'clear', wait: Reflect.get(Object(options), 'wait') === true }),
    pager: (value: unknown) => emit({ type: 'page', data: shownBundle(value) }),
  }
}
