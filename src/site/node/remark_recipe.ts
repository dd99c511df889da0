// SPDX-License-Identifier: GPL-2.0-only
import {
  patchName,
  patchOf,
  type RecipeSource,
  readRecipe,
  type SourceFile,
} from '../../recipes/index.ts'
import { element, type MarkdownNode } from './markdown_node.ts'

/**
 * A remark plugin: in a section of the second level with fences `recipe="NAME/FILE"`, each part with a heading of the
 * third level becomes a tab; its C a file with its hook in view, its diffs one annotated change; and the section after
 * it stands beside. Throws when a fence is not the file that it names.
 */
export function remarkRecipe(): (tree: MarkdownNode) => void {
  return (tree) => {
    const nodes = tree.children ?? []
    const first = nodes.findIndex((node) => recipeOf(node) !== undefined)
    if (first < 0) return
    const isSection = ({ type, depth }: MarkdownNode) => type === 'heading' && depth === 2
    const from = nodes.slice(0, first).map(isSection).lastIndexOf(true)
    const following = (after: number) => {
      const at = nodes.findIndex((node, index) => index > after && isSection(node))
      return at < 0 ? nodes.length : at
    }
    const middle = following(from)
    const to = following(middle)
    const [heading, ...rest] = nodes.slice(from, middle)
    const variants = partsOf(rest).map(variant)
    const column = (children: (MarkdownNode | undefined)[]) =>
      element(
        'div',
        {},
        children.filter((one) => one !== undefined),
      )
    const columns = [
      column([heading, element('Variants', {}, variants)]),
      column(nodes.slice(middle, to)),
    ]
    nodes.splice(from, to - from, element('div', { className: 'vl-recipe' }, columns))
  }
}

interface Fence {
  readonly source: RecipeSource
  readonly file: SourceFile
}

/** The file that a fence shows. */
function recipeOf(node: MarkdownNode): Fence | undefined {
  const [, name, file] = /\brecipe="([^/"]+)\/([^"]+)"/.exec(node.meta ?? '') ?? []
  if (node.type !== 'code' || name === undefined) return undefined
  const source = readRecipe(name)
  const found = source.files.find((one) => one.name === file)
  if (!found || (node.lang === 'c' && found.text !== `${node.value}\n`))
    throw new Error(
      `docs/recipes/${name}.md does not show src/drivers/${name}/${file}: run node scripts/recipe_pages.mjs`,
    )
  return { source, file: found }
}

/** What stands below each heading, with it. */
function partsOf(nodes: readonly MarkdownNode[]): MarkdownNode[][] {
  const parts: MarkdownNode[][] = []
  for (const node of nodes)
    if (node.type === 'heading') parts.push([node])
    else parts.at(-1)?.push(node)
  return parts
}

const labels = { before: 'before', after: 'after', bridge: 'bridge', proposed: 'never landed' }

function variant(nodes: readonly MarkdownNode[]): MarkdownNode {
  const shown = nodes.find((node) => recipeOf(node))
  const fence = shown && recipeOf(shown)
  if (!shown || !fence) throw new Error('a part of a recipe shows no file')
  const { source, file } = fence
  const label = file.role === 'variant' ? file.releases : labels[file.role]
  const isChange = shown.lang === 'diff'
  const first = file.role === 'after' && !isChange ? { first: 'first' } : {}
  const children: MarkdownNode[] = []
  for (const [at, node] of nodes.entries()) {
    const next = nodes[at + 1]
    if (recipeOf(node)) {
      if (node.lang === 'c') children.push(...wholeFile(source, file))
      else if (!children.some(({ name }) => name === 'Change')) children.push(change(source, file))
      // The reasons before a diff are in it.
    } else if (!(node.type === 'list' && next && recipeOf(next))) children.push(node)
  }
  return element('Variant', { label: isChange ? 'diff' : label, ...first }, children)
}

/** What never landed stands beside what to write today. */
function wholeFile(source: RecipeSource, file: SourceFile): MarkdownNode[] {
  if (file.role !== 'proposed') return [cFile(source, file)]
  const today = source.files.filter(({ role }) => role === 'after')
  const both = [file, ...today].map((one) => cFile(source, one))
  return [element('div', { className: 'vl-pair' }, both)]
}

function cFile({ name }: RecipeSource, file: SourceFile): MarkdownNode {
  return element('CFile', {
    path: `${name}/${file.name}`,
    text: file.text,
    from: String(file.region.from),
    to: String(file.region.to),
    provenance: sentence(
      file.provenance ?? 'not compiled for this build of the site: npm run recipes:compile does',
    ),
  })
}

function change(source: RecipeSource, file: SourceFile): MarkdownNode {
  return element('Change', {
    path: `${source.name}/${patchName(file)}`,
    patch: patchOf(source, file),
    note: `From ${file.base} to ${file.name}. Copy gives a patch of ${source.name}.c, for git apply or patch -p1.`,
    hunks: JSON.stringify(file.hunks),
  })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
