// SPDX-License-Identifier: GPL-2.0-only

/** What Node declares beside the language takes a second to read, and a third of the memory. */
export type Scope = 'lean' | 'full'

/**
 * A cell whose names all stand in the language, in `vmalab` or in earlier cells is converted without Node's
 * declarations; the first that needs them has them read, and so has everything from then on. The outcome is the same
 * either way: what the lean converter has nothing against, the full one has nothing against, for Node's declarations
 * only add names; where a cell could see that they are not there, the lean one is not asked. So are the members of a value
 * that the lean one knows, and what it tells of a name.
 */
export class LeanFirst<Converter extends { close(): void }> {
  private scope: Scope = 'lean'
  private converter: Converter | undefined
  private readonly open: (scope: Scope) => Converter

  /** `lean` is a lean converter that is there already. */
  constructor(open: (scope: Scope) => Converter, lean?: Converter) {
    this.open = open
    this.converter = lean
  }

  /** Makes ready what the first cell is likely to need. */
  warm(): void {
    void this.current
  }

  /** The converter that knows everything. */
  get full(): Converter {
    if (this.scope === 'lean') {
      this.close()
      this.scope = 'full'
    }
    return this.current
  }

  /** What the lean converter says if that is enough for `code`, else what the full one says. */
  ask<Answer>(
    code: string,
    by: (converter: Converter) => Answer,
    isEnough: (answer: Answer) => boolean,
  ): Answer {
    if (this.scope === 'lean' && !mayNeedNode(code)) {
      const answer = by(this.current)
      if (isEnough(answer)) return answer
    }
    return by(this.full)
  }

  close(): void {
    this.converter?.close()
    this.converter = undefined
  }

  private get current(): Converter {
    this.converter ??= this.open(this.scope)
    return this.converter
  }
}

/** Words through which a cell could tell one scope from the other without naming what is missing. */
const revealing =
  /\b(?:globalThis|global|Console|require|namespace|module)\b|typeof\s+console|\/\/\//
const imports = /\bimport\b/g
const ownImports = /\bimport\s[^'"();]*\bfrom\s*(['"])vmalab\1/g

function mayNeedNode(code: string): boolean {
  const count = (pattern: RegExp): number => code.match(pattern)?.length ?? 0
  return revealing.test(code) || count(imports) !== count(ownImports)
}

/** A method of the console, as a line of Node's declarations; its types need no other name of Node's. */
const ownMethod = /^ +[a-z]\w*\((?!.*\b[A-Z]).*\): void;$/gm

/**
 * The one name of Node's that nearly every cell uses, out of `consoleTypes`, where Node declares it: the methods that
 * need no other name of Node's. A cell that takes a type from one is checked alike in both scopes.
 */
export function leanDeclarations(consoleTypes: string): string {
  const methods = consoleTypes.match(ownMethod) ?? []
  return `interface Console {\n${methods.join('\n')}\n}\ndeclare var console: Console\n`
}
