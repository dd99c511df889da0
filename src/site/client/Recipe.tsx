// SPDX-License-Identifier: GPL-2.0-only
import useBaseUrl from '@docusaurus/useBaseUrl'
import CodeBlock from '@theme/CodeBlock'
import { Fragment, type ReactNode } from 'react'
import { Button, Buttons } from './buttons.tsx'
import { useClipboard } from './clipboard.ts'

/** What the remark plugin writes: attributes are text. */
export interface CFileProps {
  /** NAME/FILE, as the site serves it below /c. */
  readonly path: string
  /** Its bytes, exactly. */
  readonly text: string
  /** The first and the last line of the part that matters, from 1. */
  readonly from: string
  readonly to: string
  /** What was done with it, in words. */
  readonly provenance: string
}

/** A C file: the part that matters open, what is around it folded, and the whole of it for the clipboard. */
export function CFile({ path, text, provenance, ...region }: CFileProps): ReactNode {
  const lines = text.replace(/\n$/, '').split('\n')
  const [from, to] = [Number(region.from), Number(region.to)]
  const part = (first: number, last: number) => lines.slice(first - 1, last).join('\n')
  return (
    <div className="vl-c">
      <Head path={path} note={provenance} text={text} part={`${part(from, to)}\n`} />
      <Folded first={1} last={from - 1} code={part(1, from - 1)} what="what it includes and has" />
      <div className="vl-matters">
        <CodeBlock language="c">{part(from, to)}</CodeBlock>
      </div>
      <Folded
        first={to + 1}
        last={lines.length}
        code={part(to + 1, lines.length)}
        what="how it is registered"
      />
    </div>
  )
}

interface HeadProps {
  readonly path: string
  readonly note: string
  /** What Copy copies. */
  readonly text: string
  readonly part?: string
}

function Head({ path, note, text, part }: HeadProps): ReactNode {
  const address = useBaseUrl(`/c/${path}`)
  const { said, copy } = useClipboard()
  const copyLines = (what: string) =>
    copy(
      what,
      `${what.split('\n').length - 1} lines copied`,
      'the clipboard is closed to this page: open the file instead',
    )
  return (
    <>
      <div className="vl-bar">
        <a href={address} target="_blank" rel="noopener">
          {path.split('/')[1]}
        </a>
        <Buttons>
          <Button
            name="Copy"
            hint={`Copies ${path}, to the byte`}
            onClick={() => void copyLines(text)}
          />
          {part !== undefined && (
            <Button
              name="Copy the hook"
              hint="Copies the part that matters"
              onClick={() => void copyLines(part)}
            />
          )}
        </Buttons>
        <span className="vl-said" role="status">
          {said}
        </span>
      </div>
      {note !== '' && <p className="vl-provenance">{note}</p>}
    </>
  )
}

interface FoldedProps {
  readonly first: number
  readonly last: number
  readonly code: string
  readonly what: string
}

function Folded({ first, last, code, what }: FoldedProps): ReactNode {
  return (
    <details>
      <summary>
        Lines {first} to {last}: {what}
      </summary>
      <CodeBlock language="c">{code}</CodeBlock>
    </details>
  )
}

/** A line of a change, as the recipes tell it. */
interface ChangedLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  readonly why?: string
}

/** What the remark plugin writes: attributes are text. */
export interface ChangeProps {
  /** NAME/PATCH, as the site serves it below /c. */
  readonly path: string
  /** The patch, exactly. */
  readonly patch: string
  /** What it leads from and to. */
  readonly note: string
  /** `{ afterLine, lines }[]` as JSON. */
  readonly hunks: string
}

/** A conversion line by line, each reason above the lines that it holds for; and the patch for the clipboard. */
export function Change({ path, patch, note, hunks }: ChangeProps): ReactNode {
  const told: readonly { readonly afterLine: number; readonly lines: readonly ChangedLine[] }[] =
    JSON.parse(hunks)
  return (
    <div className="vl-c vl-change">
      <Head path={path} note={note} text={patch} />
      {told.map(({ afterLine, lines }) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <div key={afterLine} className="vl-hunk" tabIndex={0}>
          <p className="vl-at">Line {afterLine}</p>
          {lines.map((line, at) => (
            <Fragment key={at}>
              {line.why !== undefined && <p className="vl-why">{line.why}</p>}
              <ChangedRow {...line} />
            </Fragment>
          ))}
        </div>
      ))}
    </div>
  )
}

const marks = { same: ' ', removed: '-', added: '+' } as const

function ChangedRow({ kind, text }: ChangedLine): ReactNode {
  const row = <code>{`${marks[kind]}${text}\n`}</code>
  if (kind === 'same') return <pre>{row}</pre>
  return (
    <pre className={`vl-${kind}`}>{kind === 'added' ? <ins>{row}</ins> : <del>{row}</del>}</pre>
  )
}
