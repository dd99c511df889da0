// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { errno_name, errno_number, KernelError, Mm, openFile } from '../../src/mm/index.ts'
import { CAUSES } from '../../src/trace/errno_causes.ts'
import { display, displayError, explainErrno, failNth } from '../../src/trace/index.ts'
import { someCalls } from '../figures/calls.ts'

function refusal(call: (mm: Mm) => unknown): KernelError {
  try {
    call(new Mm(linux()))
  } catch (error) {
    if (error instanceof KernelError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const refuse = openFile('/dev/no', { mmap_prepare: () => -16 })
const anonymous = { len: 4096, prot: 3, flags: 0x22 }

it.each<[string, (mm: Mm) => unknown, string, string]>([
  [
    'no length',
    (mm) => mm.mmap({ ...anonymous, len: 0 }),
    '-EINVAL, from do_mmap(): the length is 0',
    'page aligned',
  ],
  [
    'a hook',
    (mm) => mm.mmap({ len: 4096, prot: 3, flags: 2, file: refuse }),
    '-EBUSY, from mmap_prepare()',
    'read its hook',
  ],
  [
    'a limit',
    (mm) => {
      mm.limits.as = 0
      mm.mmap(anonymous)
    },
    '-ENOMEM, from may_expand_vm()',
    'Raise mm.limits.as',
  ],
  [
    'a fault plan',
    (mm) => {
      mm.should_fail = failNth('vm_area_alloc')
      mm.mmap(anonymous)
    },
    '-ENOMEM, from vm_area_alloc()',
    'mm.should_fail = null',
  ],
])('%s: who, why and what to do', (_, call, head, todo) => {
  const explained = explainErrno(refusal(call))
  expect(explained.toString()).toContain(head)
  expect(explained.todo).toContain(todo)
})

it('lists the other reasons of the function, not the one that was met', () => {
  const met = explainErrno(refusal((mm) => mm.mmap({ ...anonymous, len: 0 })))
  const all = explainErrno('EINVAL', 'do_mmap')
  expect(all.others).toContain('the length is 0')
  expect(met.others).toEqual(all.others.filter((reason) => reason !== 'the length is 0'))
  expect(explainErrno(-22, 'do_mmap()').others).toEqual(all.others)
})

describe('every refusal that is met is one of the known reasons', () => {
  it('in many calls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
        const mm = new Mm(linux())
        for (const call of someCalls(12, seed)) {
          try {
            call(mm)
          } catch (error) {
            if (!(error instanceof KernelError)) throw error
            const known = explainErrno(error.code, error.at).others
            expect(explainErrno(error).others.length).toBe(known.length - 1)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

it('says what to do about every errno', () => {
  for (let errno = 1; errno < 200; errno++) {
    const name = errno_name(errno)
    if (errno_number(name) === undefined) continue
    expect(explainErrno(-errno, 'nowhere').todo, name).not.toContain('record(mm')
  }
  expect(CAUSES.length).toBeGreaterThan(100)
})

it('shows with a thrown refusal, and as a value', () => {
  const error = refusal((mm) => mm.mmap({ ...anonymous, len: 0 }))
  expect(displayError(error).traceback[1]).toMatch(/^what to do: /)
  expect(displayError(new Error('x')).traceback).toEqual(['Error: x'])
  expect(display(error)['text/plain']).toContain('what to do: ')
  expect(display(explainErrno(error))['text/plain']).toContain('what to do: ')
})

it.each([
  [() => explainErrno('EWHAT', 'f'), "EWHAT is no errno: give a name or a number, 'EINVAL' or -22"],
  [() => explainErrno(-4000, 'f'), '-4000 is no errno'],
  [
    () => explainErrno(new Error('x') as KernelError),
    'give a KernelError, or an errno and a kernel function',
  ],
  [() => explainErrno(undefined as never, 'f'), 'give a KernelError, or an errno'],
])('%# is refused', (call, message) => expect(call).toThrow(message))
