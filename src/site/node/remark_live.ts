// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { figureRows, toSvg } from '../../figures/index.ts'
import type { ExecutedCell, ExecutedPage } from '../../literate/index.ts'
import { type Draw, type ShownOutput, showOutput } from '../live/shown.ts'
import { element, type MarkdownNode } from './markdown_node.ts'

/** Where the plugin finds things. */
export interface RemarkLiveOptions {
  /** The folder of the pages. */
  readonly docs: string
  /** The folder that `vmalab pages --out` wrote. */
  readonly pages: string
  readonly draw?: Draw
}

/**
 * A remark plugin: each fence `ts live` of a page becomes a `Cell` with the output that the page's run gave. Throws
 * when there is no run of the page, or one of other cells.
 */
export function remarkLive(
  options: RemarkLiveOptions,
): (tree: MarkdownNode, file: { readonly path: string }) => Promise<void> {
  const draw = options.draw ?? drawOnServer
  return async (tree, file) => {
    const fences = liveFences(tree)
    if (fences.length === 0) return
    const page = relative(options.docs, file.path)
      .split(sep)
      .join('/')
      .replace(/\.mdx?$/, '')
    const { cells } = await readPage(join(options.pages, `${page}.json`), page)
    if (cells.length !== fences.length)
      throw outOfStep(page, `has ${fences.length} live cells, its run ${cells.length}`)
    for (const [i, fence] of fences.entries()) {
      const cell = cells[i]
      if (cell === undefined || cell.code.trimEnd() !== fence.value?.trimEnd())
        throw outOfStep(page, `cell ${i + 1} is not the one that was run`)
      becomeCell(fence, i + 1, cell, await drawOutputs(page, i + 1, cell, draw))
    }
    addPageBar(tree, page)
  }
}

const drawOnServer: Draw = async (figure, width) => ({
  svg: await toSvg(figure, { width, table: false }),
  rows: figureRows(figure, width),
})

/** The words after the language of a live fence; what else they must be is checked where the cells are run. */
function liveWords(node: MarkdownNode): readonly string[] | undefined {
  const words = node.meta?.split(/\s+/) ?? []
  return node.type === 'code' && words.includes('live') ? words : undefined
}

function liveFences(node: MarkdownNode): MarkdownNode[] {
  return liveWords(node) ? [node] : (node.children ?? []).flatMap(liveFences)
}

async function readPage(path: string, page: string): Promise<ExecutedPage> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw outOfStep(page, 'has not been run')
  })
  return JSON.parse(text)
}

function outOfStep(page: string, what: string): Error {
  return new Error(
    `docs/${page}.md: ${what}. Run "npm run build", or first: npx vmalab pages --out .live/pages`,
  )
}

async function drawOutputs(page: string, n: number, cell: ExecutedCell, draw: Draw) {
  const shown: ShownOutput[] = []
  for (const output of cell.outputs) {
    const one = await showOutput(output, draw).catch((error: unknown) => {
      throw new Error(`docs/${page}.md, cell ${n}: its figure cannot be drawn: ${String(error)}`)
    })
    shown.push(one)
  }
  return shown
}

/** Under the page's title. */
function addPageBar(tree: MarkdownNode, page: string): void {
  const children = tree.children ?? []
  const title = children.findIndex(({ type, depth }) => type === 'heading' && depth === 1)
  children.splice(title + 1, 0, element('PageBar', { page }))
}

function becomeCell(
  fence: MarkdownNode,
  n: number,
  cell: ExecutedCell,
  outputs: readonly ShownOutput[],
): void {
  const words = liveWords(fence) ?? []
  const attributes: Record<string, string> = {
    n: String(n),
    code: fence.value ?? '',
    outputs: JSON.stringify(cell.volatile ? [] : outputs),
  }
  for (const flag of ['volatile', 'throws']) if (words.includes(flag)) attributes[flag] = flag
  const code: MarkdownNode = { ...fence, meta: null }
  for (const key of Object.keys(fence)) Reflect.deleteProperty(fence, key)
  Object.assign(fence, element('Cell', attributes, [code]))
}
