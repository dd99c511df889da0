// SPDX-License-Identifier: GPL-2.0-only
import { type ReactNode, useEffect, useRef } from 'react'
import { startStepper } from '../../stepper/index.ts'
import type { Drawing, Walk } from '../live/shown.ts'
import { Drawn } from './Drawn.tsx'

interface StepperProps {
  readonly walk: Walk
  readonly drawing: Drawing
}

/** The picture of a call, to be walked through. Without scripts there is the picture alone. */
export function Stepper({ walk, drawing }: StepperProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const wide = useRef<HTMLDivElement>(null)
  const narrow = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current || !wide.current || !narrow.current) return undefined
    return startStepper(place.current, walk.steps, [
      { place: wide.current, ...walk.wide },
      { place: narrow.current, ...walk.narrow },
    ])
  }, [walk])
  return (
    <>
      <Drawn drawing={drawing} form="wide" ref={wide} />
      <Drawn drawing={drawing} form="narrow" ref={narrow} />
      <div ref={place} className="vl-steps" />
    </>
  )
}
