// SPDX-License-Identifier: GPL-2.0-only
// Two transcripts of one scenario, field by field.

/** One place where the kernel and the model do not say the same. */
export interface TranscriptDifference {
  /** The step, as the scenario has it. */
  readonly step: string
  /** What differs: `result`, `hooks`, `VMA 2 flags`, `complaint` ... */
  readonly field: string
  readonly kernel: string
  readonly model: string
}

interface Told {
  readonly step: string
  readonly results: string[]
  readonly hooks: string[]
  readonly vmas: string[]
  readonly complaints: string[]
}

/** Every difference, in order of the steps. Complaints of the kernel (lines with #) are differences by themselves. */
export function compareTranscripts(
  kernel: readonly string[],
  model: readonly string[],
): readonly TranscriptDifference[] {
  const [theirs, ours] = [stepsOf(kernel), stepsOf(model)]
  const differences: TranscriptDifference[] = []
  for (let i = 0; i < Math.max(theirs.length, ours.length); i++) {
    const [their, our] = [theirs[i], ours[i]]
    if (their?.step !== our?.step || !their || !our) {
      const [said, modelled] = [their?.step ?? 'nothing', our?.step ?? 'nothing']
      differences.push({ step: modelled, field: 'step', kernel: said, model: modelled })
      break
    }
    differences.push(...compareStep(their, our))
  }
  return differences
}

function stepsOf(lines: readonly string[]): readonly Told[] {
  const steps: Told[] = []
  for (const line of lines) {
    const text = line.slice(2)
    if (line.startsWith('> '))
      steps.push({ step: text, results: [], hooks: [], vmas: [], complaints: [] })
    const last = steps.at(-1)
    if (line.startsWith('= ')) last?.results.push(text)
    if (line.startsWith('! ')) last?.hooks.push(text)
    if (line.startsWith(': ')) last?.vmas.push(text)
    if (line.startsWith('# ')) last?.complaints.push(text)
  }
  return steps
}

const vmaFields = ['range', 'permissions', 'offset', 'file', 'flags']

function compareStep(kernel: Told, model: Told): readonly TranscriptDifference[] {
  const { step } = kernel
  const differences: TranscriptDifference[] = []
  const compare = (field: string, their: string, our: string) => {
    if (their !== our)
      differences.push({ step, field, kernel: their || 'nothing', model: our || 'nothing' })
  }
  compare('result', kernel.results.join(' '), model.results.join(' '))
  compare('hooks', kernel.hooks.join(', '), model.hooks.join(', '))
  compare('complaint', kernel.complaints.join('; '), model.complaints.join('; '))
  const count = Math.max(kernel.vmas.length, model.vmas.length)
  if (kernel.vmas.length !== model.vmas.length)
    compare('VMAs', kernel.vmas.join('; '), model.vmas.join('; '))
  else
    for (let i = 0; i < count; i++) {
      const [their, our] = [fieldsOf(kernel.vmas[i]), fieldsOf(model.vmas[i])]
      for (const [at, name] of vmaFields.entries())
        compare(`VMA ${i + 1} ${name}`, their[at] ?? '', our[at] ?? '')
    }
  return differences
}

/** A VMA's fields; the last holds all its flags. */
function fieldsOf(line = ''): readonly string[] {
  const words = line.split(' ')
  return [...words.slice(0, 4), words.slice(4).join(' ')]
}
