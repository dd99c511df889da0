// SPDX-License-Identifier: GPL-2.0-only
import { type BuildOptions, build } from 'esbuild'

/** A program for browsers in one text; `define` puts constants in, `globalName` names what it exports. */
export async function bundle(
  entry: string,
  define: NonNullable<BuildOptions['define']> = {},
  globalName = '',
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    define,
    ...(globalName && { globalName }),
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`esbuild gave nothing for ${entry}`)
  return file.text.trim()
}
