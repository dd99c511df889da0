// SPDX-License-Identifier: GPL-2.0-only
// One call in the middle of another, at every place where the locks let it run.
import type { Mm } from '../mm/index.ts'
import { type Markup, tableMarkup } from './markup.ts'
import { Told, textTable } from './told.ts'
import { counted } from './units.ts'

/** Two calls that may meet. A new one is made for each way in which they can. */
export interface Meeting {
  /** Whose steps are the places. */
  readonly mm: Mm
  /** The call that is interrupted. What it throws is ignored. */
  readonly a: () => void
  /** The call that runs in the middle, on another processor. */
  readonly b: () => void
  /** May `b` run now? A lock that `a` holds is the reason not to. Default: always. */
  readonly mayRun?: () => boolean
  /** Why there is nothing to meet, asked after `a` by itself; null when there is. */
  readonly idle?: () => string | null
  /** What is wrong when both are over; null when nothing is. */
  readonly wrong: () => string | null
}

/** One way in which the two meet. */
export interface Interleaving {
  /** `b` runs after this step of `a` ... */
  readonly after: string
  /** ... and before this one; empty: `a` is over. */
  readonly before: string
  /** What is wrong then; null when nothing is. */
  readonly wrong: string | null
}

/** Every way in which two calls can meet. Made by interleave(). */
export class Interleavings extends Told {
  /** Those that the locks let happen. */
  readonly tried: readonly Interleaving[]
  /** Places where a lock keeps `b` out. */
  readonly excluded: number
  /** Why there is nothing to meet: `a` by itself fails, or does not do it. Null when there is. */
  readonly refusal: string | null

  constructor(tried: readonly Interleaving[], excluded: number, refusal: string | null = null) {
    super()
    this.tried = tried
    this.excluded = excluded
    this.refusal = refusal
  }

  /** Those that go wrong: is there a race? */
  get races(): readonly Interleaving[] {
    return this.tried.filter(({ wrong }) => wrong !== null)
  }

  /** `race in 2 of 14 interleavings`, and how to get there. */
  override toString(): string {
    const lines = this.races.map(
      ({ after, before, wrong }) => `  after ${after}, before ${before || 'nothing'}: ${wrong}`,
    )
    return [this.headline(), ...lines].join('\n')
  }

  private headline(): string {
    const races = this.races.length > 0 ? `race in ${this.races.length} of` : 'no race in'
    const kept = this.excluded > 0 ? `, ${this.excluded} more kept out by locks` : ''
    return `${races} ${counted(this.tried.length, 'interleaving')}${kept}`
  }

  toMarkup(): readonly Markup[] {
    const rows = this.tried.map(({ after, before, wrong }) => [
      after,
      before || 'nothing',
      wrong ?? '',
    ])
    return [['p', {}, this.headline()], tableMarkup(['after', 'before', 'what is wrong'], rows)]
  }
}

/**
 * Runs the two calls of a meeting in every order that the locks allow: `b` before `a`, after each step of `a`, and
 * after all of them. `make` gives a new meeting each time, always the same.
 */
export function interleave(make: () => Meeting): Interleavings {
  const { names, refusal } = alone(make())
  const tried: Interleaving[] = []
  let excluded = 0
  for (let place = 0; place <= names.length; place++) {
    const outcome = meet(make(), place)
    if (outcome === 'excluded') excluded++
    else
      tried.push({
        after: names[place - 1] ?? 'nothing',
        before: names[place] ?? '',
        wrong: outcome,
      })
  }
  return new Interleavings(tried, excluded, refusal)
}

/** The steps of `a` by itself, and why it fails if it does. */
function alone({ mm, a, idle }: Meeting): { names: string[]; refusal: string | null } {
  const names: string[] = []
  mm.listener = (name) => names.push(name)
  const refusal = attempt(a) ?? idle?.() ?? null
  mm.listener = null
  return { names, refusal }
}

/** Runs `b` after so many steps of `a`: what is wrong at the end, or whether a lock keeps it out. */
function meet({ mm, a, b, mayRun, wrong }: Meeting, place: number): 'excluded' | string | null {
  let steps = 0
  let state = 'waits' as 'waits' | 'runs' | 'excluded' | 'over'
  const tryB = (): void => {
    if (state !== 'waits' || steps !== place) return
    if (mayRun && !mayRun()) {
      state = 'excluded'
      return
    }
    state = 'runs'
    b()
    state = 'over'
  }
  mm.listener = () => {
    if (state === 'runs') return
    steps++
    tryB()
  }
  tryB()
  attempt(a)
  mm.listener = null
  return state === 'excluded' ? state : wrong()
}

/** Why the call failed; null when it did not. A refusal is one of the ways in which a call ends. */
function attempt(act: () => void): string | null {
  try {
    act()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Rows of {@link Interleavings}, each for a case with a name. */
export class InterleavingTable extends Told {
  readonly rows: readonly { readonly names: readonly string[]; readonly found: Interleavings }[]
  private readonly head: readonly string[]

  constructor(head: readonly string[], rows: InterleavingTable['rows']) {
    super()
    this.head = head
    this.rows = rows
  }

  private cells(): string[][] {
    return this.rows.map(({ names, found }) => {
      const [race] = found.races
      const tried = `${found.tried.length} tried, ${found.excluded} kept out`
      return [
        ...names,
        race ? 'race' : found.refusal ? 'refused' : 'none',
        tried,
        race ? `after ${race.after}, before ${race.before || 'nothing'}` : (found.refusal ?? ''),
      ]
    })
  }

  override toString(): string {
    return textTable([...this.head, 'race', 'interleavings', 'how'], this.cells(), 60)
  }

  toMarkup(): readonly Markup[] {
    return [tableMarkup([...this.head, 'race', 'interleavings', 'how'], this.cells())]
  }
}
