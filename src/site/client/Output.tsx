// SPDX-License-Identifier: GPL-2.0-only
import type { ReactNode } from 'react'
import type { FigureTable } from '../../trace/index.ts'
import type { ShownOutput } from '../live/shown.ts'
import { Drawn } from './Drawn.tsx'
import { Marked } from './Marked.tsx'
import { Stepper } from './Stepper.tsx'
import { TableHead } from './tables.tsx'

/** What a cell gave, in order. */
export function Output({ outputs }: { readonly outputs: readonly ShownOutput[] }): ReactNode {
  return outputs.map((output, i) => <OneOutput key={i} output={output} />)
}

function OneOutput({ output }: { readonly output: ShownOutput }): ReactNode {
  switch (output.type) {
    case 'stream':
      return <Text kind={output.name} text={output.text} />
    case 'text':
      return <Text kind="value" text={output.text} />
    case 'error':
      return <Text kind="error" text={output.text} />
    case 'markup':
      return (
        <figure className="vl-figure">
          <Marked markup={output.markup} />
          <AsText text={output.text} />
        </figure>
      )
    case 'figure':
      return (
        <figure className="vl-figure">
          {output.walk ? (
            <Stepper walk={output.walk} drawing={output.drawing} />
          ) : (
            <>
              <Drawn drawing={output.drawing} form="wide" />
              <Drawn drawing={output.drawing} form="narrow" />
            </>
          )}
          {output.table && <FigureTableView table={output.table} />}
          <AsText text={output.text} />
        </figure>
      )
  }
}

function AsText({ text }: { readonly text: string }): ReactNode {
  return (
    <details className="vl-as-text">
      <summary>as text</summary>
      <Text kind="value" text={text} />
    </details>
  )
}

/** A row that decides is marked; a wide table scrolls inside. */
function FigureTableView({ table }: { readonly table: FigureTable }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <div className="vl-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.columns.map((text, i) => (
              <TableHead key={i} scope="col">
                {text}
              </TableHead>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ cells, failed }, i) => (
            <tr key={i} className={failed ? 'vl-failed' : undefined}>
              {cells.map((text, j) => (
                <td key={j}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.note !== undefined && <p>{table.note}</p>}
    </div>
  )
}

/** A long line scrolls inside, and the keyboard reaches it. */
function Text({ kind, text }: { readonly kind: string; readonly text: string }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <pre className={`vl-text vl-${kind}`} tabIndex={0}>
      {text.replace(/\n$/, '')}
    </pre>
  )
}
