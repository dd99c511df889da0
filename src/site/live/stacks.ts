// SPDX-License-Identifier: GPL-2.0-only
// Stacks in terms of cells and their lines, written as in Jupyter: `    at f (cell 2, line 3)`.

/** The file name under which a cell is compiled. */
export function cellFile(cell: number): string {
  return `cell-${cell}.ts`
}

/** A stack's frames in cells, each with its line of code below it; frames of the model and the browser are left out. */
export function cellFrames(stack: string, source: (cell: number) => string | undefined): string[] {
  return stack.split('\n').flatMap((line) => {
    const frame = rawFrame(line) ?? /^ {4}at (?:.* \()?cell (\d+), line (\d+)\)?$/.exec(line)
    if (frame === null) return []
    const [, cell, row] = frame
    const text = source(Number(cell))?.split('\n')[Number(row) - 1]?.trim()
    return [frame[0], ...(text ? [`        ${text}`] : [])]
  })
}

/** A frame as V8 (`at f (cell-1.ts:2:3)`) or Firefox (`f@cell-1.ts:2:3`) writes it. */
function rawFrame(line: string): readonly [text: string, cell: string, row: string] | null {
  const match = /\bcell-(\d+)\.ts:(\d+)/.exec(line)
  if (match === null || line.includes('$$context')) return null
  const [, cell = '', row = ''] = match
  const [, called] =
    /^\s*at (?:async )?(?:new |Object\.)?([\w$.<>]+) \(|^([\w$.]+)@/.exec(line) ?? []
  return [frameText(called, cell, row), cell, row]
}

function frameText(called: string | undefined, cell: string, row: string): string {
  const where = `cell ${cell}, line ${row}`
  return `    at ${called && called !== 'eval' ? `${called} (${where})` : where}`
}

/**
 * Where the engine is V8, makes the stack of every error that went through a cell readable from its birth, so that
 * `console.log(error)` prints what it prints in Jupyter. For a realm that runs cells only.
 */
export function makeStacksReadable(): void {
  const prepare = (error: Error, sites: readonly CallSite[]): string => {
    const frames = sites.flatMap((site) => {
      const [, cell] = /^cell-(\d+)\.ts$/.exec(site.getScriptNameOrSourceURL() ?? '') ?? []
      const called = site.getFunctionName() ?? undefined
      if (cell === undefined || called?.includes('$$context')) return []
      return [frameText(called, cell, String(site.getLineNumber()))]
    })
    return [Error.prototype.toString.call(error), ...frames].join('\n')
  }
  Reflect.set(Error, 'prepareStackTrace', prepare)
  // As in Jupyter: a hook lies deep below the cell that mapped its file.
  Error.stackTraceLimit = 100
}

/** The part of V8's CallSite that is used. */
interface CallSite {
  getScriptNameOrSourceURL(): string | null
  getFunctionName(): string | null
  getLineNumber(): number | null
}
