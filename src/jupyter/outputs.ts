// SPDX-License-Identifier: GPL-2.0-only
import type { CellOutput, MimeBundle } from '../literate/index.ts'

/** What a session tells of a running cell: what the cell gave, and what it does to what it gave. */
export type SessionOutput =
  | CellOutput
  /** A display that has a name; an update changes the one of that name, wherever it is. */
  | {
      readonly type: 'named'
      readonly id: string
      readonly update: boolean
      readonly data: MimeBundle
    }
  /** Everything before goes; with `wait` not before the next output is there. */
  | { readonly type: 'clear'; readonly wait: boolean }
  /** For the client's pager. */
  | { readonly type: 'page'; readonly data: MimeBundle }

/** The outputs of one cell as they stand at its end. */
export class Transcript {
  private entries: { output: CellOutput; readonly id: string | undefined }[] = []
  private clearing = false
  private erred = false

  /** No error came, cleared or not. */
  get ok(): boolean {
    return !this.erred
  }

  /** Adjacent texts of one stream are one output. */
  get outputs(): readonly CellOutput[] {
    return this.entries.map(({ output }) => output)
  }

  add(output: SessionOutput): void {
    switch (output.type) {
      case 'clear':
        if (output.wait) this.clearing = true
        else this.entries = []
        return
      case 'named':
        if (output.update) this.update(output.id, output.data)
        else this.push({ type: 'display', data: output.data }, output.id)
        return
      case 'page':
        this.push({ type: 'display', data: output.data })
        return
      default:
        this.push(output)
    }
  }

  private push(output: CellOutput, id?: string): void {
    if (this.clearing) this.entries = []
    this.clearing = false
    if (output.type === 'error') this.erred = true
    const last = this.entries.at(-1)
    const before = last?.output
    if (
      last &&
      output.type === 'stream' &&
      before?.type === 'stream' &&
      before.name === output.name
    )
      last.output = { ...before, text: before.text + output.text }
    else this.entries.push({ output, id })
  }

  private update(id: string, data: MimeBundle): void {
    for (const entry of this.entries) if (entry.id === id) entry.output = { type: 'display', data }
  }
}
