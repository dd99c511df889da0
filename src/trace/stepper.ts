// SPDX-License-Identifier: GPL-2.0-only
// The moments of one call, for a reader who walks through them.
import type { Figure, StepVma, TimelineFigure } from './figure.ts'
import { hexText } from './units.ts'

/** One moment of a call, in words: plain JSON. */
export interface FigureStep {
  /** What happens. */
  readonly name: string
  /** The kernel function that runs; empty where none is named. */
  readonly fn: string
  /** What state the call and its hooks are in. */
  readonly state: string
  /** The locks held, in words. */
  readonly locks: readonly string[]
  /** What is mapped when the step is done, a line for each VMA. */
  readonly layout: readonly string[]
}

/** The moments of a figure that shows one call; undefined for any other figure. */
export function figureSteps(figure: Figure): readonly FigureStep[] | undefined {
  if (figure.kind !== 'timeline' || figure.data.steps.length === 0) return undefined
  return figure.data.steps.map((_, at) => stepAt(figure, at))
}

function stepAt({ data }: TimelineFigure, at: number): FigureStep {
  const { name = '', fn = '', note, hook, errno, layout = [] } = data.steps[at] ?? {}
  const isPastWayBack = data.steps.slice(0, at).some(({ noWayBack }) => noWayBack)
  const told = [
    hook === undefined ? '' : `the driver's ${hook} runs`,
    errno === undefined ? '' : `-${errno}`,
    note ?? '',
    isPastWayBack ? 'an error leaves a hole from here on' : '',
  ]
  const held = data.lanes.filter(({ held }) => held.some(([from, to]) => from <= at && at <= to))
  return {
    name,
    fn,
    state: told.filter(Boolean).join('; '),
    locks: held.map((lane) => lane.name),
    layout: layout.map(vmaText),
  }
}

const states: Readonly<Record<NonNullable<StepVma['state']>, string>> = {
  detached: 'taken out',
  closed: 'taken out and closed',
  desc: 'a description, no VMA yet',
  new: 'a VMA in no tree yet',
  hole: 'lost',
}

function vmaText({ id, start, end, perms, name, state }: StepVma): string {
  const range = `${hexText(start)}-${hexText(end)}`
  if (state === 'hole') return `${range} ${states.hole}`
  const named = state === 'desc' ? range : `${id} ${range}`
  const told = [named, perms, name ?? ''].filter(Boolean).join(' ')
  return state ? `${told} (${states[state]})` : told
}
