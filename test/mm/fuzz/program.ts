// SPDX-License-Identifier: GPL-2.0-only
// Random programs: run under the laws, made smaller, written as a cell.
import fc from 'fast-check'
import { failNth, linux } from '../../../src/index.ts'
import { KernelError, LockError, Mm } from '../../../src/mm/index.ts'
import { anyCall, CALLS, type Call } from './calls.ts'
import { FILES, namedBy, openFiles } from './files.ts'
import { LAWS, type Law, LockOrder } from './laws.ts'

/** Every kernel that linux() knows, the newest point releases and those where something changed. */
export const RELEASES: readonly string[] = [
  '7.3',
  '7.3.0',
  '7.2',
  '7.2.9',
  '7.2.0',
  '7.1',
  '7.0',
  '7.0.0',
  '6.19',
  '6.18',
  '6.17',
  '6.16',
  '6.12',
  'rfc-proto',
  'rfc-complete',
  'rfc-complete-6.17',
]

/** How a program ended: the sentences about the laws that its last call broke, and what each call met. */
export interface Outcome {
  readonly broken: readonly string[]
  /** An errno's name, or another error's; empty for a call that succeeded. */
  readonly met: readonly string[]
  /** The law was broken by unmapping everything, after the last call. */
  readonly atEnd: boolean
}

/** Runs the calls until a law is broken; at the end everything is unmapped and nothing may be left. */
export function runProgram(
  release: string,
  calls: readonly Call[],
  laws: readonly Law[] = LAWS,
): Outcome {
  const mms = [new Mm(linux(release))]
  const files = openFiles()
  const met: string[] = []
  let chargeKept = false
  for (const call of calls) {
    const mm = mms[call.who % mms.length] as Mm
    const order = new LockOrder()
    mm.listener = (name) => order.hear(name)
    mm.should_fail = call.failing && failNth(...call.failing)
    const { error, made } = attempt(() => CALLS[call.what].make(mm, call, files))
    mm.should_fail = null
    mm.listener = null
    met.push(error)
    if (call.failing && error === '' && MOVES.has(call.what)) chargeKept = true
    if (made instanceof Mm) mms.push(made)
    const broken = [
      ...(UNEXPECTED.test(error) ? [error] : []),
      ...order.left(),
      ...laws.flatMap((law) => law({ mms, files, chargeKept })),
    ]
    if (broken.length > 0) return { broken, met, atEnd: false }
  }
  for (const mm of mms) mm.exit()
  return { broken: laws.flatMap((law) => law({ mms, files, chargeKept })), met, atEnd: true }
}

/** What a hook throws: on purpose, or because its release's description lacks what it names. */
const BY_A_HOOK =
  /^(thrown by a hook$|vfs_mmap\(\): .* calls a null pointer|struct \w+ of Linux |Linux .* has no )/

/** Calls that go on when the source of a move cannot be unmapped. */
const MOVES = new Set(['mremap', 'move', 'keep'])

/** An error that no call may end in: a mistake of the model. */
const UNEXPECTED = /^unexpected /

function attempt(make: () => unknown): { error: string; made?: unknown } {
  try {
    return { error: '', made: make() }
  } catch (error) {
    if (error instanceof KernelError) return { error: error.code }
    if (error instanceof LockError && /which runs|bad unlock/.test(error.message))
      return { error: 'LockError' }
    if (error instanceof Error && BY_A_HOOK.test(error.message)) return { error: 'the hook threw' }
    return { error: `unexpected ${String(error)}` }
  }
}

/** The program as one would type it into a cell; its last line says which law is broken. */
export function writeProgram(
  release: string,
  calls: readonly Call[],
  { broken, met, atEnd }: Outcome,
): string {
  const used = new Set(
    calls.flatMap(({ what, backing }) =>
      what === 'mmap' && backing ? [...namedBy(backing), backing] : [],
    ),
  )
  const names = ['mm']
  const lines = Object.keys(FILES)
    .filter((name) => used.has(name))
    .map((name) => `const ${name} = ${FILES[name]}`)
  lines.push(`const mm = new Mm(linux('${release}'))`)
  calls.forEach((call, at) => {
    const mm = names[call.who % names.length] as string
    const text = CALLS[call.what].text(mm, call)
    if (call.failing)
      lines.push(`${mm}.should_fail = failNth('${call.failing[0]}', ${call.failing[1]})`)
    if (met[at]) lines.push(`try { ${text} } catch {} // ${met[at]}`)
    else if (call.what === 'fork') {
      names.push(`child${names.length}`)
      lines.push(`const ${names.at(-1)} = ${text}`)
    } else lines.push(text)
    if (call.failing) lines.push(`${mm}.should_fail = null`)
  })
  if (atEnd) for (const name of names) lines.push(`${name}.exit()`)
  return [...lines, ...broken.map((law) => `// broken: ${law}`)].join('\n')
}

/** A violation found: the smallest program that shows it. */
export interface Found {
  readonly release: string
  readonly calls: readonly Call[]
  readonly outcome: Outcome
}

/** Looks at `runs` random programs; null when no law was broken. The same seed gives the same programs. */
export function search(
  release: string,
  runs: number,
  seed: number,
  laws: readonly Law[] = LAWS,
): Found | null {
  const property = fc.property(
    fc.array(anyCall, { maxLength: 40 }),
    (calls) => runProgram(release, calls, laws).broken.length === 0,
  )
  const { counterexample } = fc.check(property, { numRuns: runs, seed, endOnFailure: false })
  if (!counterexample) return null
  const calls = reduce(
    counterexample[0],
    (fewer) => runProgram(release, fewer, laws).broken.length > 0,
  )
  return { release, calls, outcome: runProgram(release, calls, laws) }
}

/** The plainest value of each part of a call. */
const PLAIN: Partial<Call> = {
  failing: null,
  backing: null,
  shared: false,
  extra: 'MAP_FIXED',
  prot: 3,
  who: 0,
  page: 0,
  pages: 1,
  to: 0,
}

/** Leaves out every call, and makes plain every part of one, that the violation does not need. */
function reduce(
  calls: readonly Call[],
  breaks: (calls: readonly Call[]) => boolean,
): readonly Call[] {
  let best = calls
  for (let again = true; again; ) {
    again = false
    for (const smaller of candidates(best)) {
      if (!breaks(smaller)) continue
      best = smaller
      again = true
      break
    }
  }
  return best
}

function* candidates(calls: readonly Call[]): Generator<readonly Call[], void, undefined> {
  for (let at = calls.length - 1; at >= 0; at--) {
    yield calls.filter((_, other) => other !== at)
    for (let before = at - 1; before >= 0; before--)
      yield calls.filter((_, other) => other !== at && other !== before)
  }
  for (const [at, call] of calls.entries())
    for (const [key, value] of Object.entries(PLAIN))
      if (call[key as keyof Call] !== value)
        yield calls.map((one, other) => (other === at ? { ...one, [key]: value } : one))
}
