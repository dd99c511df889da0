// SPDX-License-Identifier: GPL-2.0-only
// What the editor knows of the model: written at build from its declarations, loaded when a cell is edited.

/**
 * A type by its name in {@link Api.types}; '' when nothing is known of it. `Array<Mm>` is the type `Array` with `Mm` for
 * its `T`.
 */
export type TypeRef = string

/** A name and what is known of it. */
export interface ApiEntry {
  readonly kind: 'function' | 'class' | 'variable' | 'constant' | 'method' | 'property' | 'type'
  /** As one would declare it: `mmap(args: MmapArguments): number`. */
  readonly text: string
  /** From its comment. */
  readonly doc?: string
  readonly type: TypeRef
}

/** What a type has; one that can be called has `returns`, one that can be constructed `makes`. */
export interface ApiType {
  readonly members: Readonly<Record<string, ApiEntry>>
  /** Of the call, or of the constructor. */
  readonly params?: readonly TypeRef[]
  readonly returns?: TypeRef
  readonly makes?: TypeRef
}

/** The names in scope of a cell, and the types that they lead to. */
export interface Api {
  readonly values: Readonly<Record<string, ApiEntry>>
  readonly types: Readonly<Record<string, ApiType>>
}
