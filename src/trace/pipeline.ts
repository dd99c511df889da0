// SPDX-License-Identifier: GPL-2.0-only
// Where the hooks of an era lie on the way of a mapping: found by running it, with every failure it can meet.
import { type AnyPattern, type EveryHook, everyHook, hooksIn } from '../drivers/index.ts'
import { releaseOf } from '../eras/index.ts'
import {
  type AllocationSite,
  EINVAL,
  type Era,
  type file_operations,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  mmap_action,
  mutex,
  openFile,
  PAGE_SIZE,
  PROT_READ,
  PROT_WRITE,
  type vm_area_desc,
} from '../mm/index.ts'
import { failNth, isHookSite, numbered } from './faults.ts'
import type { PipelineEra, PipelineFigure } from './figure.ts'
import { columnOf, mergeOf } from './pipeline_column.ts'
import { exitsOf, type Outcome } from './pipeline_exits.ts'
import { checkOrder, errorAt, STAGES, stagedSteps } from './pipeline_stages.ts'
import { type Recording, record } from './record.ts'
import { isFields, shown } from './shape.ts'

/** The driver that goes through the pipeline: a pattern of the gallery, or hooks for an era. */
export type PipelineScenario =
  | AnyPattern
  | {
      readonly text: string
      /** `fills`: the mapping's pages are filled ahead of access; without, it may merge. */
      readonly hooks: (era: Era, fills: boolean) => file_operations
    }

const device = (fills: boolean): EveryHook => ({
  fills,
  lock: new mutex('device_lock'),
  pfn: 0x5808,
})

/** A driver with each hook that an era calls. */
const everyHookScenario: PipelineScenario = {
  text: everyHook.text,
  hooks: (era, fills) => {
    const hooks = (everyHook as AnyPattern)[era.name]
    if (typeof hooks !== 'function') return hooksIn(everyHook as AnyPattern, era)
    return (hooks as unknown as (device: EveryHook) => file_operations)(device(fills))
  },
}

/**
 * The figure of why the hook moved: a column for each era, made from runs of it on Linux as it was then, one without a
 * fault, one that merges, and one for each thing that can fail. RangeError for no era, TypeError for what is none; an
 * Error when the steps of a run do not come in the order in which the picture shows them.
 */
export function pipeline(
  eras: readonly Era[],
  scenario: PipelineScenario = everyHookScenario,
  options: { readonly title?: string } = {},
): PipelineFigure {
  if (!Array.isArray(eras))
    throw new TypeError('pipeline: give an array of eras, such as [legacy, mapped]')
  if (eras.length === 0) throw new RangeError('pipeline: give one era at least')
  for (const era of eras)
    if (!isFields(era) || typeof era.can_mmap_file !== 'function')
      throw new TypeError(`pipeline: ${shown(era)} is no era: \`eras\` lists those there are`)
  return {
    kind: 'pipeline',
    data: {
      stages: STAGES.map(({ id, name, fn }) => ({ id, name, fn })),
      noWayBack: 'zap',
      eras: eras.map((era) => eraColumn(era, scenario)),
    },
    options: options.title === undefined ? {} : { title: options.title },
  }
}

function hooksFor(scenario: PipelineScenario, era: Era, fills: boolean): file_operations {
  if ('hooks' in scenario && typeof scenario.hooks === 'function')
    return (scenario.hooks as (era: Era, fills: boolean) => file_operations)(era, fills)
  return hooksIn(scenario as AnyPattern, era)
}

function eraColumn(era: Era, scenario: PipelineScenario): PipelineEra {
  const run = (fault: Fault = {}) => runOver(era, hooksFor(scenario, era, true), fault)
  const fresh = run()
  const refused = fresh.recording.error
  if (refused)
    throw new RangeError(`pipeline of ${era.name}: the driver refuses: ${refused.message}`)
  const staged = stagedSteps(fresh.recording)
  checkOrder(staged, `pipeline of ${era.name}`)
  const outcomes = faultsOf(fresh).flatMap((fault): Outcome[] => {
    const failed = run(fault)
    if (errorAt(failed.recording) === failed.recording.steps.length) return []
    if ((failed.recording.calls[0]?.ret ?? 0) >= 0) return []
    const steps = stagedSteps(failed.recording)
    checkOrder(steps, `pipeline of ${era.name} with a fault`)
    return [{ recording: failed.recording, staged: steps }]
  })
  const beside = runBeside(era, hooksFor(scenario, era, false), 0)
  const merged = runBeside(era, hooksFor(scenario, era, false), MERGED)
  return {
    id: era.name,
    name: era.name,
    when: `${era.about.releases} (${era.about.status})`,
    gets: era.about.hooks,
    ...columnOf(fresh.recording, staged, hookNames(hooksFor(scenario, era, true))),
    exits: exitsOf(outcomes),
    ...mergeOf(beside.recording, merged.recording, merged.overwritten, (hook) =>
      hook in hooksFor(scenario, era, false) ? `.${hook}` : hook,
    ),
  }
}

/** How a hook is written: `.mmap`, `vm_ops->mapped`, `action.success_hook`. */
function hookNames(hooks: file_operations): (hook: string) => string {
  const action = new mmap_action()
  return (hook) => {
    if (hook in hooks) return `.${hook}`
    return hook in action ? `action.${hook}` : `vm_ops->${hook}`
  }
}

/** What is made to fail in a run. */
interface Fault {
  readonly site?: AllocationSite
  /** Which attempt at the site. */
  readonly nth?: number
  /** The hook that returns an error when it is done. */
  readonly hook?: string
  /** The limit of the address space is met. */
  readonly limit?: boolean
}

interface Run {
  readonly recording: Recording
  /** Everything that might have failed, in order. */
  readonly attempts: readonly AllocationSite[]
}

const BASE = 0x100
const PAGES = 4

/** Maps a file over two mappings, both cut: everything that the pipeline does happens. */
function runOver(era: Era, hooks: file_operations, { site, nth, hook, limit }: Fault): Run {
  const mm = new Mm(releaseOf(era))
  const old = openFile('/data/old', oldHooks(era), { size: 1 << 20 })
  const at = (page: number) => (BASE + page) * PAGE_SIZE
  const place = { prot: PROT_READ, flags: MAP_SHARED | MAP_FIXED, file: old }
  mm.mmap({ ...place, addr: at(0), len: 3 * PAGE_SIZE })
  mm.mmap({ ...place, addr: at(4), len: 3 * PAGE_SIZE })
  const attempts: AllocationSite[] = []
  const fails = site ? failNth(site, nth) : () => false
  mm.should_fail = (each) => {
    attempts.push(each)
    return fails(each)
  }
  if (limit) mm.limits.as = mm.total_vm
  const device = openFile('/dev/demo', hook ? failing(hooks, hook) : hooks)
  const recording = record(mm, () =>
    mm.mmap({
      addr: at(2),
      len: PAGES * PAGE_SIZE,
      prot: PROT_READ | PROT_WRITE,
      flags: MAP_PRIVATE | MAP_FIXED,
      file: device,
    }),
  )
  return { recording, attempts }
}

/**
 * Hooks of the mappings that are replaced: a file in the way that this era's Linux can map, with an open and a close.
 */
function oldHooks(era: Era): file_operations {
  const vm_ops = { open: () => {}, close: () => {} }
  const described = {
    mmap_prepare: (desc: vm_area_desc) => {
      desc.vm_ops = vm_ops
      return 0
    },
  }
  const legacy: file_operations = {
    mmap: (_file, vma) => {
      vma.vm_ops = vm_ops
      return 0
    },
  }
  return era.can_mmap_file(openFile('probe', legacy)) ? legacy : described
}

const MERGED = 1

/** Maps a file in two pieces, the second right behind the first or (`touching` 0) somewhere else. */
function runBeside(
  era: Era,
  hooks: file_operations,
  touching: number,
): { readonly recording: Recording; readonly overwritten: boolean } {
  const mm = new Mm(releaseOf(era))
  const device = openFile('/dev/demo', hooks)
  const map = (page: number, offset: number) =>
    mm.mmap({
      addr: (BASE + page) * PAGE_SIZE,
      len: PAGES * PAGE_SIZE,
      prot: PROT_READ | PROT_WRITE,
      flags: MAP_PRIVATE | MAP_FIXED,
      file: device,
      offset: offset * PAGE_SIZE,
    })
  map(0, 0)
  const [vma] = mm.vmas()
  // Something of the driver's, to see whether it outlives the merge.
  const kept = {}
  if (vma) vma.vm_private_data = kept
  const recording = record(mm, () => map(touching ? PAGES : 4 * PAGES, touching ? PAGES : 0))
  return { recording, overwritten: vma?.vm_private_data !== kept }
}

/** Everything that a run could have met: the limit, each attempt at an allocation, each hook that returns an errno. */
function faultsOf({ recording, attempts }: Run): Fault[] {
  // A hook fails below once it has done what it does: that tells the stage in which it lies.
  const sites = numbered(attempts).filter(({ site }) => !isHookSite(site))
  const { steps } = recording
  const hooks = steps.flatMap(({ hook }): Fault[] =>
    hook !== undefined && steps.some(({ fn }) => fn === `return_${hook}`) ? [{ hook }] : [],
  )
  return [{ limit: true }, ...sites, ...hooks]
}

type Hook = (...given: unknown[]) => unknown

/** The hooks, one of which does what it does and then returns an error. */
function failing(hooks: file_operations, name: string): file_operations {
  const fail =
    (hook: Hook): Hook =>
    (...given) => {
      hook(...given)
      return -EINVAL
    }
  const wrapped = Object.entries(hooks).map(([key, hook]): [string, Hook] => {
    const own = hook as Hook
    if (key === name) return [key, fail(own)]
    return [
      key,
      (...given) => {
        const ret = own(...given)
        for (const value of given) failWithin(value, name, fail)
        return ret
      },
    ]
  })
  return Object.fromEntries(wrapped) as file_operations
}

/** The hook of that name in what a description carries: its vm_ops, its action. */
function failWithin(value: unknown, name: string, fail: (hook: Hook) => Hook): void {
  if (typeof value !== 'object' || value === null || !('vm_ops' in value)) return
  const ops: unknown = value.vm_ops
  if (typeof ops === 'object' && ops !== null && typeof Reflect.get(ops, name) === 'function')
    value.vm_ops = { ...ops, [name]: fail(Reflect.get(ops, name)) }
  // A description without such a field complains when it is looked at.
  if (!(name in new mmap_action())) return
  const action: unknown = Reflect.get(value, 'action')
  if (
    typeof action === 'object' &&
    action !== null &&
    typeof Reflect.get(action, name) === 'function'
  )
    Reflect.set(action, name, fail(Reflect.get(action, name)))
}
