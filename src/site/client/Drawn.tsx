// SPDX-License-Identifier: GPL-2.0-only
import type { ReactNode } from 'react'
import type { Drawing, Rows } from '../live/shown.ts'

interface DrawnProps {
  readonly drawing: Drawing
  readonly form: 'wide' | 'narrow'
  /** The row that is looked at, counted from 0, and where the rows are. */
  readonly at?: { readonly row: number; readonly rows: Rows } | undefined
}

/** One drawing of a figure; CSS shows the one that fits. */
export function Drawn({ drawing, form, at }: DrawnProps): ReactNode {
  const svg = (
    <div
      className="vl-svg"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: SVG by our own renderer from a checked figure
      dangerouslySetInnerHTML={{ __html: drawing[form] }}
    />
  )
  return (
    <div className={`vl-drawing vl-${form}`}>
      {svg}
      {at && (
        <div
          className="vl-cursor"
          style={{ top: at.rows.top + at.row * at.rows.height, height: at.rows.height }}
        />
      )}
    </div>
  )
}
