// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { plotProgram } from '../live/protocol.ts'
import { bundle } from './bundle.ts'

/**
 * Writes the document in which cells run: one file, whose policy lets it load nothing and reach nobody, and run no
 * other script than its own, the Worker that this starts and what a cell evaluates there.
 */
export async function writeFrame(sources: string, path: string): Promise<void> {
  const worker = await bundle(join(sources, 'frame/worker.ts'))
  const script = await bundle(join(sources, 'frame/frame.ts'), {
    WORKER_PROGRAM: JSON.stringify(worker),
  })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, frameDocument(script))
}

/** Writes the program that puts Plot in scope of cells: {@link RunRequest.plot}. */
export async function writePlot(sources: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await bundle(join(sources, 'frame/plot.ts'), {}, plotProgram))
}

function frameDocument(script: string): string {
  const inline = script.replace(/<(?=\/script|!--|script)/gi, '\\x3C')
  const hash = createHash('sha256').update(inline).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}' 'unsafe-eval'; worker-src blob:`
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>Where cells run</title></head><body><script>${inline}</script></body></html>\n`,
  ].join('')
}
