// SPDX-License-Identifier: GPL-2.0-only
import type { ReactNode, Ref } from 'react'
import type { Drawing } from '../live/shown.ts'

interface DrawnProps {
  readonly drawing: Drawing
  readonly form: 'wide' | 'narrow'
  readonly ref?: Ref<HTMLDivElement>
}

/** One drawing of a figure; CSS shows the one that fits. */
export function Drawn({ drawing, form, ref }: DrawnProps): ReactNode {
  return (
    <div className={`vl-drawing vl-${form}`} ref={ref}>
      <div
        className="vl-svg"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: SVG by our own renderer from a checked figure
        dangerouslySetInnerHTML={{ __html: drawing[form] }}
      />
    </div>
  )
}
