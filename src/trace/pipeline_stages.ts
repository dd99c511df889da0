// SPDX-License-Identifier: GPL-2.0-only
// The stages of a mapping, and the stage that each step of a run belongs to.

import type { StepVma } from './figure.ts'
import type { Recording, Step } from './record.ts'

/** One thing that mmap() does; the stages are in the order in which it does them. */
export interface Stage {
  readonly id: StageId
  /** In plain words. */
  readonly name: string
  /** The kernel function of 7.3 that does it. */
  readonly fn: string
}

/** The names of the stages. */
export type StageId =
  | 'check'
  | 'gather'
  | 'charge'
  | 'zap'
  | 'ask'
  | 'merge'
  | 'alloc'
  | 'call'
  | 'insert'
  | 'free'
  | 'fill'
  | 'tell'
  | 'end'

/** The stages, in order. */
export const STAGES: readonly Stage[] = [
  { id: 'check', name: 'check the request', fn: 'do_mmap, mmap_region' },
  { id: 'gather', name: 'detach VMAs in the way', fn: 'vms_gather_munmap_vmas' },
  { id: 'charge', name: 'limits; charge the memory', fn: 'may_expand_vm, …' },
  { id: 'zap', name: 'zap their pages, call close', fn: 'vms_clean_up_area' },
  { id: 'ask', name: 'ask the driver', fn: 'call_mmap_prepare' },
  { id: 'merge', name: 'merge with a neighbour?', fn: 'vma_merge_new_range' },
  { id: 'alloc', name: 'allocate a VMA', fn: 'vm_area_alloc' },
  { id: 'call', name: 'call the driver', fn: 'mmap_file' },
  { id: 'insert', name: 'insert in tree and i_mmap', fn: 'vma_iter_store_new' },
  { id: 'free', name: 'free the old VMAs, account', fn: '__mmap_complete' },
  { id: 'fill', name: 'fill in pages', fn: 'mmap_action_complete' },
  { id: 'tell', name: 'tell the driver', fn: 'call_vma_mapped' },
  { id: 'end', name: 'drop the locks, return', fn: 'vm_mmap_pgoff' },
]

/** What there is of the new mapping: nothing, a description, a VMA that nobody can see, a VMA in the tree. */
export type Ground = 'none' | 'desc' | 'new' | 'tree'

/** The stages of steps by name; those of hooks and of page-table work depend on what there is of the mapping then. */
const stageOf: Readonly<Record<string, StageId>> = {
  mmap_write_lock: 'check',
  vms_gather_munmap_vmas: 'gather',
  __split_vma: 'gather',
  vma_merge_new_range: 'merge',
  commit_merge: 'merge',
  vm_area_alloc: 'alloc',
  vma_iter_store: 'insert',
  vma_end_write_all: 'end',
  mmap_write_unlock: 'end',
}

/** A step of a run with what it means for the picture. */
export interface StagedStep {
  readonly step: Step
  /** null: it belongs to the stage before or after. */
  readonly stage: StageId | null
  readonly ground: Ground
  /** The hook that is running. */
  readonly within: string | null
}

/** The steps of a recorded mmap() up to its first error, each with its stage. */
export function stagedSteps(recording: Recording): StagedStep[] {
  const end = errorAt(recording)
  const staged: StagedStep[] = []
  let ground: Ground = 'none'
  let hook: string | null = null
  let hasVma = false
  for (const [i, step] of recording.steps.entries()) {
    if (i >= end) break
    if (step.fn === 'vm_area_alloc') ground = 'new'
    if (step.fn === 'vma_iter_store' || step.fn === 'commit_merge') ground = 'tree'
    const isDescribed = ground === 'none' && isDesc(recording.layoutAt(i))
    if (isDescribed) ground = 'desc'
    if (step.hook !== undefined && !life.has(step.hook)) hook ??= step.hook
    staged.push({
      step,
      stage: stageFor(step, ground, hook, recording, i, hasVma),
      ground,
      within: hook,
    })
    if (step.fn === `return_${hook}`) hook = null
    hasVma ||= ground === 'tree'
  }
  return staged
}

/** Hooks of other VMAs than the new one, and of its end. */
const life: ReadonlySet<string> = new Set(['open', 'close', 'may_split', 'mprotect'])

function isDesc(layout: readonly StepVma[]): boolean {
  return layout.some(({ state }) => state === 'desc')
}

function stageFor(
  step: Step,
  ground: Ground,
  hook: string | null,
  recording: Recording,
  i: number,
  hasVma: boolean,
): StageId | null {
  const { fn } = step
  if (hook !== null) return hookStage(ground, hook, recording, i)
  if (fn === 'vma_merge_new_range' && ground === 'new') return null
  const known = stageOf[fn]
  if (known) return known
  if (fn === 'vm_acct_memory') return ground === 'none' ? 'charge' : null
  if (ground === 'none' && (fn === 'unmap_region' || step.hook === 'close')) return 'zap'
  if (fn === 'remap_pfn_range' || fn === 'vm_insert_pages') return ground === 'tree' ? 'fill' : null
  return fn === 'remove_vma' && hasVma ? 'free' : null
}

/** A hook's stage follows from what there is of the mapping, and from what it does. */
function hookStage(ground: Ground, hook: string, recording: Recording, i: number): StageId {
  if (ground === 'desc' || ground === 'none') return 'ask'
  if (ground === 'new') return 'call'
  return hookSteps(recording, hook, i).some(isPageWork) ? 'fill' : 'tell'
}

/** The steps of the hook that runs at step `i`, from its call to its return. */
export function hookSteps({ steps }: Recording, hook: string, i: number): readonly Step[] {
  let [from, to] = [i, i]
  while (from > 0 && steps[from]?.fn !== `call_${hook}`) from--
  while (to < steps.length && steps[to]?.fn !== `return_${hook}`) to++
  return steps.slice(from, to + 1)
}

/** Whether a step fills page tables. */
export function isPageWork({ fn }: Step): boolean {
  return fn === 'remap_pfn_range' || fn === 'vm_insert_pages'
}

/** The first step that tells of an error; the number of steps when there is none. */
export function errorAt({ steps }: Recording): number {
  const at = steps.findIndex(({ errno }) => errno !== undefined)
  return at < 0 ? steps.length : at
}

/** The place of a stage in the order. */
export function stageIndex(id: StageId): number {
  return STAGES.findIndex((stage) => stage.id === id)
}

/** Throws when the steps of a run do not come in the order of the stages: the picture would lie. */
export function checkOrder(staged: readonly StagedStep[], what: string): void {
  let last = 0
  let lastStep = ''
  for (const { step, stage } of staged) {
    if (stage === null) continue
    const index = stageIndex(stage)
    if (index < last)
      throw new Error(`${what}: ${step.fn} came after ${lastStep}, which the stages put later`)
    last = index
    lastStep = step.fn
  }
}
