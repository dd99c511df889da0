// SPDX-License-Identifier: GPL-2.0-only
// Where a failing mmap() leaves the pipeline, and what has to be undone: read off runs with faults.
import type { PipelineExit } from './figure.ts'
import { errorAt, type StagedStep, type StageId, stageIndex } from './pipeline_stages.ts'
import type { Recording, Step } from './record.ts'

/** A run that failed. */
export interface Outcome {
  readonly recording: Recording
  readonly staged: readonly StagedStep[]
}

/** The exits of an era: outcomes with the same undoing share one, and each stage tells of its longest. */
export function exitsOf(outcomes: readonly Outcome[]): PipelineExit[] {
  const longest = new Map<StageId, string>()
  for (const outcome of outcomes) {
    const stage = exitStage(outcome)
    const words = undoing(outcome)
    if (words.length > (longest.get(stage)?.length ?? -1)) longest.set(stage, words)
  }
  const exits = new Map<string, StageId[]>()
  const stages = [...longest].sort(([one], [other]) => stageIndex(one) - stageIndex(other))
  for (const [stage, words] of stages) {
    const at = exits.get(words)
    if (at) at.push(stage)
    else exits.set(words, [stage])
  }
  return [...exits].map(([s, at]) => ({ at, s }))
}

/** The stage in which the error comes up: the one after what was done last, where that names no stage itself. */
function exitStage({ recording, staged }: Outcome): StageId {
  const error = recording.steps[errorAt(recording)]
  const last = staged.filter(({ stage }) => stage !== null).at(-1)
  const from = /from (\S+)\(\)/.exec(error?.text ?? '')?.[1] ?? ''
  const site = sites[from]
  if (site && stageIndex(site) > stageIndex(last?.stage ?? 'check') && last?.within == null) {
    // A split inside the gathering allocates too.
    if (!(site === 'alloc' && last?.stage === 'gather' && !afterZap(staged))) return site
  }
  return last?.stage ?? 'check'
}

/** The stage of a function that refuses before it takes a step. */
const sites: Readonly<Record<string, StageId>> = {
  may_expand_vm: 'charge',
  __vm_enough_memory: 'charge',
  vm_area_alloc: 'alloc',
  vma_iter_prealloc: 'alloc',
}

function afterZap(staged: readonly StagedStep[]): boolean {
  return staged.some(({ stage }) => stage === 'zap')
}

/** What is done after the error, in words. */
function undoing({ recording, staged }: Outcome): string {
  const first = errorAt(recording)
  const after = recording.steps.slice(first)
  const has = (fn: string) => after.some((step) => step.fn === fn)
  const isLost = recording
    .layoutAt(recording.steps.length - 1)
    .some(({ state }) => state === 'hole')
  const isSplit = recording.after.length > recording.before.length
  const told = after.flatMap(({ hook }) =>
    hook !== undefined && hook !== 'close' ? [`.${hook}`] : [],
  )
  const unmaps = has('vms_gather_munmap_vmas')
  const closes = after.some(({ hook }, i) => hook === 'close' && unmaps && i > 0)
  const words = [
    ...[...new Set(told)],
    ...(unmaps ? [`do_munmap${closes ? ', which calls close' : ''}`] : []),
    ...(!unmaps && zaps(after) ? ['zap what the driver mapped', 'free the VMA'] : []),
    ...(!unmaps && has('fput') && zaps(after) ? ['fput'] : []),
    ...(after.some(uncharges) ? ['uncharge'] : []),
    ...(has('reattach_vmas') ? ['old VMAs back'] : []),
  ]
  const made = recording.steps.find(({ fn }) => fn === 'vm_area_alloc')?.vma
  if (recording.after.some(({ id }) => id === made)) return 'the mapping stays'
  const charged = staged.some(({ stage }) => stage === 'charge')
  if (charged && !has('reattach_vmas') && !after.some(uncharges)) words.push('the charge leaks')
  const end = isLost ? '; hole' : isSplit ? ', still split' : ''
  const nothing = words.length === 0 ? 'nothing to undo' : words.join(', ')
  return `${nothing}${end}${isUntold(staged, told, unmaps) ? '. The driver is not told' : ''}`
}

/** The range of the mapping itself is zapped: page tables of the old ones are gone by then. */
function zaps(after: readonly Step[]): boolean {
  return after.some(({ fn }) => fn === 'unmap_region')
}

function uncharges({ fn, text }: Step): boolean {
  return fn === 'vm_acct_memory' && text.includes('given back')
}

/** A hook has run well, the error is another's, and no hook hears of it. */
function isUntold(
  staged: readonly StagedStep[],
  told: readonly string[],
  unmaps: boolean,
): boolean {
  const ran = staged.some(({ step, stage }) => step.hook !== undefined && stage === 'ask')
  const isOwn = staged.at(-1)?.within !== null && staged.at(-1)?.within !== undefined
  return ran && !isOwn && told.length === 0 && !unmaps
}
