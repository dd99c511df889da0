// SPDX-License-Identifier: GPL-2.0-only

/** The cells of this run of the kernel, as `history_request` asks for them. */
export interface History {
  add(line: number, code: string, output: string | undefined): void
  /** The entries that a request's content selects: `[session, line, code]`, or `[session, line, [code, output]]`. */
  select(content: Readonly<Record<string, unknown>>): readonly unknown[]
}

/** An empty history. There is one session, numbered 1 (0 and negative numbers count back from it). */
export function newHistory(): History {
  const entries: { line: number; code: string; output: string | undefined }[] = []
  const pick = (content: Readonly<Record<string, unknown>>) => {
    const number = (name: string, fallback: number): number => {
      const value = content[name]
      return typeof value === 'number' ? value : fallback
    }
    const wanted = number('n', entries.length) || entries.length
    switch (content.hist_access_type) {
      case 'range': {
        if (![0, 1].includes(number('session', 0))) return []
        const [start, stop] = [number('start', 0), number('stop', Number.POSITIVE_INFINITY)]
        return entries.filter(({ line }) => line >= start && line < stop)
      }
      case 'search': {
        const pattern = globToRegExp(String(content.pattern ?? '*'))
        const found = entries.filter(({ code }) => pattern.test(code))
        const latest = new Map(found.map((entry) => [entry.code, entry]))
        const unique = found.filter((entry) => latest.get(entry.code) === entry)
        return (content.unique === true ? unique : found).slice(-wanted)
      }
      default:
        return entries.slice(-wanted)
    }
  }
  return {
    add(line, code, output) {
      entries.push({ line, code, output })
    },
    select: (content) =>
      pick(content).map(({ line, code, output }) => [
        1,
        line,
        content.output === true ? [code, output ?? null] : code,
      ]),
  }
}

/** `*` is any text, `?` any character, `[abc]` and `[^abc]` one of them or another. */
function globToRegExp(glob: string): RegExp {
  const source = glob.replace(
    /\*|\?|\[(\^?)(\]?[^\]]*)\]|[.+^${}()|[\]\\]/g,
    (token, not = '', set?: string) => {
      if (set !== undefined) return `[${not}${set.replace(/[\\\]^[]/g, '\\$&')}]`
      return token === '*' ? '.*' : token === '?' ? '.' : `\\${token}`
    },
  )
  return new RegExp(`^${source}$`, 's')
}
