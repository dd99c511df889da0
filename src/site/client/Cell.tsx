// SPDX-License-Identifier: GPL-2.0-only
import useIsBrowser from '@docusaurus/useIsBrowser'
import {
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { dropLink } from '../live/share.ts'
import type { ShownOutput } from '../live/shown.ts'
import { Button, Buttons } from './buttons.tsx'
import { CopyButtons } from './CopyButtons.tsx'
import { useApi, useLivePage, useNames } from './context.tsx'
import { type CellState, type PublishedCell, publishedState } from './live_page.ts'
import { Output } from './Output.tsx'
import { forgetPoint, restAt } from './pointing.ts'

const Editor = lazy(async () => ({ default: (await import('./Editor.tsx')).Editor }))

/** What the remark plugin writes: attributes are text. */
export interface CellProps {
  /** From 1 on each page. */
  readonly n: string
  readonly code: string
  /** `ShownOutput[]` as JSON. */
  readonly outputs: string
  readonly volatile?: string
  readonly throws?: string
  /** The highlighted code. */
  readonly children: ReactNode
}

/** A live cell: code, output as published, and the means to run and change it. */
export function Cell(props: CellProps): ReactNode {
  const n = Number(props.n)
  const page = useLivePage()
  const api = useApi()
  const { name, names } = useNames()
  const published = usePublished(props)
  const first = useMemo(() => publishedState(published), [published])
  const state = useSyncExternalStore(
    (listener) => page.subscribe(listener),
    () => page.state(n) ?? first,
    () => first,
  )
  const [editing, setEditing] = useState(false)
  useEffect(() => page.add(n, published, first), [page, n, published, first])

  const busy = state.phase !== 'idle'
  const run = () => void page.run(n)
  const section = useRef<HTMLElement>(null)
  const { linked } = state
  useEffect(() => {
    if (linked) section.current?.scrollIntoView({ block: 'center' })
  }, [linked])
  const edited = state.code !== published.code
  // A text that becomes as published again while it is written keeps its editor.
  useEffect(() => {
    if (edited) setEditing(true)
  }, [edited])
  const edit = () => {
    setEditing(true)
    section.current?.querySelector<HTMLElement>('.cm-content')?.focus()
  }
  return (
    <section
      ref={section}
      className="vl-cell"
      data-cell={n}
      data-phase={state.phase}
      aria-label={`Cell ${n}`}
      onPointerMove={(event) => restAt(event, { page: name, n }, names)}
      onPointerLeave={forgetPoint}
    >
      <div className="vl-bar">
        <span className="vl-number" aria-hidden="true">
          [{n}]
        </span>
        <Status state={state} edited={edited} />
        <Buttons>
          <Button
            name="Run"
            hint="Runs the cells above, then this one (Shift-Enter in the editor)"
            onClick={run}
          />
          <Button name="Stop" enabled={busy} onClick={() => page.stop()} />
          <Button name="Edit" onClick={edit} />
          <Button
            name="Reset"
            hint="Restores the published code and output"
            onClick={() => {
              setEditing(false)
              dropLink()
              void page.reset(n)
            }}
          />
          <CopyButtons page={page} n={n} code={state.code} />
        </Buttons>
      </div>
      {published.volatile && (
        <MapsBox value={state.maps} onChange={(maps) => page.paste(n, maps)} />
      )}
      {linked && (
        <p className="vl-note">
          This code came with the link. Nothing of it has run: read it, then press Run.
        </p>
      )}
      {editing || edited ? (
        <Suspense fallback={props.children}>
          <Editor
            api={api}
            above={() => page.above(n)}
            code={state.code}
            label={`Code of cell ${n}`}
            onChange={(code) => {
              dropLink()
              page.edit(n, code)
            }}
            onRun={run}
          />
        </Suspense>
      ) : (
        props.children
      )}
      <div className="vl-output" data-output="">
        <Output outputs={state.outputs} />
        {state.note && <p className="vl-note">{state.note}</p>}
        {published.volatile && state.outputs.length === 0 && !state.note && (
          <p className="vl-note">
            This cell reads a process of your own, so no output is published with it. In Jupyter it
            reads itself.
          </p>
        )}
      </div>
    </section>
  )
}

function usePublished({ code, outputs, volatile, throws }: CellProps): PublishedCell {
  return useMemo(
    () => ({
      code,
      outputs: JSON.parse(outputs) as readonly ShownOutput[],
      volatile: volatile !== undefined,
      throws: throws !== undefined,
    }),
    [code, outputs, volatile, throws],
  )
}

/** What screen readers hear of a run, and eyes see beside the cell's number. */
function Status({ state, edited }: { readonly state: CellState; readonly edited: boolean }) {
  const words = { idle: edited ? 'edited' : '', waiting: 'waiting', running: 'running' }
  return (
    <span className="vl-status" role="status">
      {words[state.phase]}
    </span>
  )
}

function MapsBox({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (text: string) => void
}) {
  const id = useId()
  const isBrowser = useIsBrowser()
  return (
    <div className="vl-maps" hidden={!isBrowser}>
      <label htmlFor={id}>Paste your /proc/PID/maps here</label>
      <textarea
        id={id}
        rows={5}
        spellCheck={false}
        placeholder="cat /proc/self/maps"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <p>It stays on this page: nothing is sent anywhere.</p>
    </div>
  )
}
