// SPDX-License-Identifier: GPL-2.0-only
import useIsBrowser from '@docusaurus/useIsBrowser'
import { type ReactNode, useId, useState } from 'react'
import { type FigureStep, figureStepText } from '../../trace/index.ts'
import type { Drawing, Walk } from '../live/shown.ts'
import { Drawn } from './Drawn.tsx'

interface StepperProps {
  readonly walk: Walk
  readonly drawing: Drawing
}

/**
 * Walks through one call: a slider and two buttons move a cursor over the rows of its picture, and beneath it stands
 * what holds at that moment. Without scripts there is the picture alone.
 */
export function Stepper({ walk, drawing }: StepperProps): ReactNode {
  const { steps, wide, narrow } = walk
  const isBrowser = useIsBrowser()
  const [asked, setAsked] = useState<number>()
  const id = useId()
  const row = Math.min(asked ?? 0, steps.length - 1)
  const step = steps[row]
  const at = (rows: Walk['wide']) => (asked === undefined ? undefined : { row, rows })
  const go = (to: number) => setAsked(Math.max(0, Math.min(steps.length - 1, to)))
  return (
    <>
      <Drawn drawing={drawing} form="wide" at={at(wide)} />
      <Drawn drawing={drawing} form="narrow" at={at(narrow)} />
      {step && (
        <div className="vl-stepper" hidden={!isBrowser}>
          <div className="vl-walk">
            <label htmlFor={id}>
              Step {row + 1} of {steps.length}
            </label>
            <Go name="Previous step" sign="◀" enabled={row > 0} onClick={() => go(row - 1)} />
            <input
              id={id}
              type="range"
              min={1}
              max={steps.length}
              value={row + 1}
              aria-valuetext={`${row + 1}: ${figureStepText(step)}`}
              onChange={(event) => go(Number(event.target.value) - 1)}
              onFocus={() => go(row)}
            />
            <Go
              name="Next step"
              sign="▶"
              enabled={row < steps.length - 1}
              onClick={() => go(asked === undefined ? 0 : row + 1)}
            />
          </div>
          {asked !== undefined && <Moment step={step} />}
        </div>
      )}
    </>
  )
}

interface GoProps {
  readonly name: string
  readonly sign: string
  readonly enabled: boolean
  readonly onClick: () => void
}

/** Stays focusable at the ends, so that the keyboard does not lose its place. */
function Go({ name, sign, enabled, onClick }: GoProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={name}
      aria-disabled={!enabled}
      onClick={enabled ? onClick : undefined}
    >
      {sign}
    </button>
  )
}

function Moment({ step }: { readonly step: FigureStep }): ReactNode {
  const { name, fn, state, locks, layout } = step
  return (
    <dl className="vl-moment" aria-live="polite">
      <dt>Now</dt>
      <dd>
        <strong>{name}</strong> {fn && <code>{fn}</code>}
      </dd>
      <dt>State</dt>
      <dd>{state || 'nothing special'}</dd>
      <dt>Locks</dt>
      <dd>{locks.join(', ') || 'none'}</dd>
      <dt>Layout</dt>
      <dd>
        {layout.length > 0 ? (
          <ul>
            {layout.map((vma) => (
              <li key={vma}>
                <code>{vma}</code>
              </li>
            ))}
          </ul>
        ) : (
          'nothing is mapped here'
        )}
      </dd>
    </dl>
  )
}
