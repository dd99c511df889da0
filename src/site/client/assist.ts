// SPDX-License-Identifier: GPL-2.0-only
// Completion and hover in a cell's editor, from what is known of the model and what the cells declare.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete'
import { typescriptLanguage } from '@codemirror/lang-javascript'
import { ensureSyntaxTree, syntaxTree } from '@codemirror/language'
import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state'
import { type EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import type { Api, ApiEntry } from '../live/api.ts'
import { Inference } from '../live/infer.ts'
import { toldElement } from './told.ts'

/** Where an editor gets what it knows. */
export interface AssistSources {
  /** Loads the model's names; undefined when they cannot be had, and then nothing is offered. */
  readonly api: () => Promise<Api | undefined>
  /** The code of the cells above, in order. */
  readonly above: () => readonly string[]
}

/** Completion as one types and by Ctrl-Space; types and comments by pointing, and by Ctrl-I (Cmd-I) at the cursor. */
export function assist(sources: AssistSources): Extension {
  const infer = async (state: EditorState): Promise<Inference | undefined> => {
    const api = await sources.api()
    if (api === undefined) return undefined
    const above = sources
      .above()
      .map((text) => ({ text, tree: typescriptLanguage.parser.parse(text) }))
    return new Inference(api, [...above, { text: state.doc.toString(), tree: treeOf(state) }])
  }
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const inference = await infer(context.state)
    return inference && !context.aborted ? complete(context, inference) : null
  }
  const tell = async (
    { state }: EditorView,
    pos: number,
    side: -1 | 1,
  ): Promise<Tooltip | null> => {
    const inference = await infer(state)
    return inference ? tooltipAt(treeOf(state).resolveInner(pos, side), inference) : null
  }
  const ask = (view: EditorView): boolean => {
    const { state } = view
    const { head } = state.selection.main
    void Promise.all([tell(view, head, -1), tell(view, head, 1)]).then(([before, after]) => {
      if (view.state === state) view.dispatch({ effects: asked.of(before ?? after) })
    })
    return true
  }
  return [
    autocompletion({ override: [source], icons: false }),
    hoverTooltip(tell),
    told,
    keymap.of([{ key: 'Mod-i', run: ask, preventDefault: true }, ...completionKeymap]),
  ]
}

const asked = StateEffect.define<Tooltip | null>()

/** What was asked for at the cursor, until the cursor moves. */
const told = StateField.define<Tooltip | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(asked)) return effect.value
    return transaction.docChanged || transaction.selection ? null : value
  },
  provide: (field) => showTooltip.from(field),
})

function treeOf(state: EditorState): ReturnType<typeof syntaxTree> {
  return ensureSyntaxTree(state, state.doc.length, 100) ?? syntaxTree(state)
}

const silent = new Set(['String', 'TemplateString', 'LineComment', 'BlockComment', 'Number'])

function complete(context: CompletionContext, inference: Inference): CompletionResult | null {
  const { state, pos, explicit } = context
  const node = treeOf(state).resolveInner(pos, -1)
  if (silent.has(node.name) || node.name === 'VariableDefinition') return null
  const isWord = /^[\w$]+$/.test(state.sliceDoc(node.from, pos))
  const from = isWord ? node.from : pos
  const member = memberAt(node)
  if (member) return result(from, options(inference.membersBefore(member)))
  const object = objectAt(node)
  if (object) {
    const present = new Set(
      object
        .getChildren('Property')
        .map((one) => one.firstChild && state.sliceDoc(one.firstChild.from, one.firstChild.to)),
    )
    const wanted = Object.entries(inference.expectedMembers(object)).filter(
      ([name]) => name === state.sliceDoc(from, node.to) || !present.has(name),
    )
    if (wanted.length > 0) return result(from, options(Object.fromEntries(wanted)))
  }
  if (!isWord && !explicit) return null
  const own = [...inference.names(node)].map(([name, entry]) => option(name, entry, 1))
  return result(from, [...own, ...options(inference.values)])
}

/** What stands before the dot, when `node` comes after one. */
function memberAt(node: SyntaxNode): SyntaxNode | null {
  const isAfterDot = node.name === '.' || node.name === '?.' || node.name === 'PropertyName'
  const parent = isAfterDot ? node.parent : node.name === 'MemberExpression' ? node : null
  return parent?.name === 'MemberExpression' ? parent.firstChild : null
}

/** The object literal in which `node` is, or begins, a name. */
function objectAt(node: SyntaxNode): SyntaxNode | null {
  const { name, parent } = node
  const isKey =
    name === 'PropertyDefinition' || (name === 'PropertyName' && parent?.name === 'PatternProperty')
  const object = isKey ? parent?.parent : name === '{' || name === ',' ? parent : node
  return object?.name === 'ObjectExpression' || object?.name === 'ObjectPattern' ? object : null
}

function result(from: number, options: readonly Completion[]): CompletionResult | null {
  return options.length > 0 ? { from, options, validFor: /^[\w$]*$/ } : null
}

function options(entries: Readonly<Record<string, ApiEntry>>): Completion[] {
  return Object.entries(entries).map(([name, entry]) => option(name, entry, 0))
}

function option(label: string, entry: ApiEntry, boost: number): Completion {
  const detail = entry.text.startsWith(label) ? entry.text.slice(label.length) : entry.text
  return {
    label,
    boost,
    type: entry.kind,
    detail: detail.replace(/^: /, ''),
    ...(entry.doc && { info: () => toldElement(entry) }),
  }
}

function tooltipAt(node: SyntaxNode, inference: Inference): Tooltip | null {
  const entry = inference.entryAt(node)
  if (entry === undefined) return null
  return { pos: node.from, end: node.to, above: true, create: () => ({ dom: toldElement(entry) }) }
}
