// SPDX-License-Identifier: GPL-2.0-only

import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, type KeyBinding, keymap } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import { type ReactNode, useEffect, useRef } from 'react'
import { type AssistSources, assist } from './assist.ts'

/** An editor's text, name and listeners. */
export interface EditorProps extends AssistSources {
  /** The text to begin with. */
  readonly code: string
  readonly label: string
  readonly onChange: (code: string) => void
  /** Shift-Enter was pressed. */
  readonly onRun: () => void
}

/**
 * A cell's editor: Shift-Enter runs, Tab moves on, Escape goes back to the cell's buttons. It takes the focus when it
 * appears.
 */
export function Editor(given: EditorProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const props = useRef(given)
  props.current = given
  const editor = useRef<EditorView>(undefined)
  useEffect(() => {
    if (place.current === null) return
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({ doc: props.current.code, extensions: extensions(props) }),
    })
    editor.current = view
    view.focus()
    return () => view.destroy()
  }, [])
  // The text may change from elsewhere, by a link: what would run is what is seen.
  useEffect(() => {
    const { current: view } = editor
    const insert = given.code
    if (view && view.state.doc.toString() !== insert)
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } })
  }, [given.code])
  return <div className="vl-editor" ref={place} />
}

function extensions(props: { readonly current: EditorProps }): Extension {
  const run = () => {
    props.current.onRun()
    return true
  }
  return [
    keymap.of([{ key: 'Shift-Enter', run }]),
    assist({ api: () => props.current.api(), above: () => props.current.above() }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, leave]),
    closeBrackets(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    javascript({ typescript: true }),
    syntaxHighlighting(classHighlighter),
    EditorView.contentAttributes.of({ 'aria-label': props.current.label, spellcheck: 'false' }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      const text = state.doc.toString()
      if (docChanged && text !== props.current.code) props.current.onChange(text)
    }),
  ]
}

/** Last, so that what Escape closes in the editor comes first. */
const leave: KeyBinding = {
  key: 'Escape',
  run: ({ dom }) => {
    dom.closest('section')?.querySelector('button')?.focus()
    return true
  },
}
