// SPDX-License-Identifier: GPL-2.0-only
// One column of the pipeline, read off a run without a fault and one that merges.
import type { PipelineEra, PipelineSpan } from './figure.ts'
import {
  type Ground,
  hookSteps,
  isPageWork,
  STAGES,
  type StagedStep,
  type StageId,
  stageIndex,
} from './pipeline_stages.ts'
import type { Recording } from './record.ts'

/** What a run without a fault shows: the stages it went through, what there was, who ran, and the locks. */
export function columnOf(
  recording: Recording,
  staged: readonly StagedStep[],
  nameOf: (hook: string) => string,
): Pick<PipelineEra, 'steps' | 'hooks' | 'core' | 'ground' | 'locks'> {
  const present = new Set(staged.flatMap(({ stage }) => (stage ? [stage] : [])))
  const steps = STAGES.map(({ id }) => id).filter((id) => present.has(id))
  const fills = staged.some(({ step, within }) => isPageWork(step) && within === null)
  const retries = staged.some(
    ({ step, ground }) => step.fn === 'vma_merge_new_range' && ground === 'new',
  )
  return {
    steps,
    hooks: hooksOf(recording, staged, fills, nameOf),
    core: [
      ...(retries ? [{ at: 'insert', text: 'may merge again' }] : []),
      ...(fills ? [{ at: 'fill', text: 'core fills them' }] : []),
    ],
    ground: groundOf(staged),
    locks: locksOf(recording, staged),
  }
}

function hooksOf(
  recording: Recording,
  staged: readonly StagedStep[],
  fills: boolean,
  nameOf: (hook: string) => string,
): PipelineEra['hooks'] {
  return staged.flatMap(({ step, stage, within, ground }, i) => {
    if (step.hook === undefined || step.hook !== within || stage === null) return []
    return [{ at: stage, name: nameOf(within), sub: doing(recording, within, i, ground, fills) }]
  })
}

/** What a hook does, or may do, by what there is and by its own steps. */
function doing(
  recording: Recording,
  hook: string,
  i: number,
  ground: Ground,
  fills: boolean,
): string {
  const own = hookSteps(recording, hook, i)
  const has = (fn: string) => own.some((step) => step.fn === fn)
  const words = [
    ...(has('driver_lock') && !has('driver_unlock') ? ['takes its lock'] : []),
    ...(own.some(isPageWork) ? ['remaps'] : []),
    ...(has('driver_unlock') && !has('driver_lock') ? ['unlocks'] : []),
  ]
  if (ground === 'desc') return words[0] ?? (fills ? 'sets desc.action' : 'edits desc only')
  if (ground === 'new') return ['edits VMA', ...words].slice(0, 2).join(', ')
  return words.join(', ') || 'keeps its books'
}

/** What there is of the mapping, over the stages: it lasts until the next. */
function groundOf(staged: readonly StagedStep[]): PipelineSpan[] {
  const spans: { kind: string; from: StageId; to: StageId }[] = []
  for (const { stage, ground } of staged) {
    if (stage === null || ground === 'none') continue
    const last = spans.at(-1)
    if (last?.kind === ground) last.to = stage
    else {
      if (last) last.to = STAGES[stageIndex(stage) - 1]?.id ?? last.to
      spans.push({ kind: ground, from: stage, to: stage })
    }
  }
  return spans
}

/** The locks over the stages. Of the VMA locks only that of the new VMA counts. */
function locksOf(recording: Recording, staged: readonly StagedStep[]): PipelineSpan[] {
  const made = recording.steps.find(({ fn }) => fn === 'vm_area_alloc')?.vma
  const spans: { kind: string; from: StageId; to: StageId }[] = []
  const open = new Map<string, { kind: string; from: StageId; to: StageId }>()
  let newIsLocked = false
  let stage: StageId = 'check'
  for (const { step, stage: at } of staged) {
    const before = stage
    stage = at ?? stage
    if (step.fn === 'vma_start_write' && step.vma === made) newIsLocked = true
    const held = new Set(
      step.locks.flatMap(({ lock, name }) =>
        lock === 'vma' && !newIsLocked ? [] : [lock === 'driver' ? name : lock],
      ),
    )
    for (const name of held) {
      const lane = open.get(name)
      if (lane) lane.to = stageIndex(stage) > stageIndex(lane.from) ? stage : lane.from
      else {
        const lock = step.locks.find((each) => each.name === name)?.lock ?? name
        const begun = { kind: lock, from: stage, to: stage }
        begun.from = startOf(step.fn, stage, staged, before)
        begun.to = begun.from
        open.set(name, begun)
        spans.push(begun)
      }
    }
    for (const [name, lane] of open)
      if (!held.has(name)) {
        if (stageIndex(stage) > stageIndex(lane.from)) lane.to = stage
        open.delete(name)
      }
  }
  return spans
}

/** A lock is taken for what comes: the write lock of the new VMA and the lock of its file for the insertion. */
function startOf(
  fn: string,
  stage: StageId,
  staged: readonly StagedStep[],
  before: StageId,
): StageId {
  if (fn !== 'vma_start_write' && fn !== 'i_mmap_lock_write') return stage
  const isBuilt = staged.some(({ step }) => step.fn === 'vm_area_alloc')
  return isBuilt && stageIndex(before) >= stageIndex('merge') ? 'insert' : stage
}

/**
 * Where a mapping that merges leaves the way, where it comes back, and what it costs; nothing when it did not merge.
 */
export function mergeOf(
  fresh: Recording,
  merged: Recording,
  overwritten: boolean,
  nameOf: (hook: string) => string,
): Pick<PipelineEra, 'merge'> {
  const { steps } = merged
  if (!steps.some(({ fn }) => fn === 'commit_merge')) return {}
  const hooks = (run: Recording) => new Set(run.steps.flatMap(({ hook }) => (hook ? [hook] : [])))
  const ran = hooks(merged)
  const skipped = [...hooks(fresh)].filter((hook) => !ran.has(hook))
  const isHeld = steps.at(-1)?.locks.some(({ lock }) => lock === 'driver') ?? false
  const price = isHeld
    ? 'lock never dropped'
    : skipped.length > 0
      ? skipped.map((hook) => `no ${nameOf(hook)}`).join(', ')
      : overwritten
        ? 'data overwritten'
        : 'its data dropped'
  return { merge: { at: 'merge', to: 'free', price } }
}
