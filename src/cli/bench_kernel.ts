// SPDX-License-Identifier: GPL-2.0-only
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Loop } from './bench_loop.ts'

const source = fileURLToPath(new URL('../../bench/kernel.c', import.meta.url))

/** bench/kernel.c, compiled into a folder that close() removes. */
export class KernelBench {
  private readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Compiles it; a sentence that says why the running kernel cannot be measured when that is so. */
  static compile(cc = 'cc'): KernelBench | string {
    if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`
    const bench = new KernelBench(mkdtempSync(join(tmpdir(), 'vmalab-bench-')))
    const { status, error, stderr } = spawnSync(cc, ['-O2', '-o', bench.program, source], {
      encoding: 'utf8',
    })
    if (status === 0) return bench
    bench.close()
    const why = error ? error.message : stderr.trim().split('\n').at(-1)
    return `no C compiler could make the loop for the kernel (${why}): install one that is called ${cc}`
  }

  private get program(): string {
    return join(this.folder, 'kernel')
  }

  /** A process that has made `vmas` mappings of the kind and waits. Rejects when the kernel refuses one. */
  async start(kind: string, vmas: number): Promise<KernelLoop> {
    const child = spawn(this.program, [kind, String(vmas)], { stdio: ['pipe', 'pipe', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint += text
    })
    // A process that is gone already is told of by the end of its output.
    child.stdin.on('error', () => {})
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const answer = async (): Promise<string> => {
      const { value, done } = await lines.next()
      if (!done) return value
      throw new Error(`the kernel refused ${kind} at ${vmas} VMAs: ${complaint.trim()}`)
    }
    for (;;) if ((await answer()) === 'ready') break
    return {
      run: async (count) => {
        child.stdin.write(`${count}\n`)
        return Number(await answer())
      },
      close: () => child.stdin.end(),
    }
  }

  /** Removes the program; processes that run it go on. */
  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A {@link Loop} in another process, which close() ends. */
export interface KernelLoop extends Loop {
  close(): void
}
