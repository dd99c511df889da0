// SPDX-License-Identifier: GPL-2.0-only

/** How a cell reads and assigns one variable that it declares. */
export type Binding = readonly [get: () => unknown, set: (value: unknown) => void]

/** The code of a cell that binds its variables, in one line; it stands before the cell's own. */
export function bindings(names: readonly string[]): string {
  if (names.length === 0) return ''
  const pairs = names.map((name) => `${name}: [() => ${name}, ($$) => { ${name} = $$ }]`)
  return `__tslab__.bind({ ${pairs.join(', ')} });`
}

/**
 * The names that cells share. A variable lives in the cell that declared it: whoever else reads or assigns it does so
 * there, so that the functions of that cell see what a later one assigned.
 */
export class SharedNames {
  /** Stands for `inner` in the cells. */
  readonly exports: Record<string, unknown>
  private readonly bound = new Map<string | symbol, Binding>()

  constructor(inner: Record<string, unknown>) {
    this.exports = new Proxy(inner, {
      get: (target, name) => this.read(name) ?? Reflect.get(target, name),
      set: (target, name, value) => {
        this.assign(name, value)
        return Reflect.set(target, name, value)
      },
    })
  }

  /** Says where the variables of the running cell are, in place of earlier ones of the same names. */
  readonly bind = (variables: Readonly<Record<string, Binding>>): void => {
    for (const [name, binding] of Object.entries(variables)) this.bound.set(name, binding)
  }

  /** Forgets every variable. */
  reset(): void {
    this.bound.clear()
  }

  private read(name: string | symbol): unknown {
    try {
      return this.bound.get(name)?.[0]()
    } catch {
      // Its cell has not come to the declaration, or ended before it.
      return undefined
    }
  }

  private assign(name: string | symbol, value: unknown): void {
    try {
      this.bound.get(name)?.[1](value)
    } catch {
      // As in read().
    }
  }
}
