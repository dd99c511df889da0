// SPDX-License-Identifier: GPL-2.0-only
// What an errno of the mmap path means, to whom it was given: who refused, why, what else it could be, what to do.
import { errno_name, errno_number, KernelError } from '../mm/index.ts'
import { CAUSES } from './errno_causes.ts'

/** A refusal explained: plain values. */
export interface Explained {
  /** `EINVAL`. */
  readonly errno: string
  /** The kernel function that refused. */
  readonly at: string
  /** Why it did; absent where only errno and function are known. */
  readonly why?: string
  /** The reasons that this function has for this errno, with … for a value; without the one that was met. */
  readonly others: readonly string[]
  /** What to do next, in one sentence or two. */
  readonly todo: string
}

/** An explanation that shows as text. */
export class ErrnoExplanation implements Explained {
  readonly errno: string
  readonly at: string
  readonly why?: string
  readonly others: readonly string[]
  readonly todo: string

  constructor({ errno, at, why, others, todo }: Explained) {
    this.errno = errno
    this.at = at
    if (why !== undefined) this.why = why
    this.others = others
    this.todo = todo
  }

  /** Who refused and why, what else the errno could mean there, and what to do. */
  toString(): string {
    const head = `-${this.errno}, from ${this.at}()${this.why === undefined ? '' : `: ${this.why}`}`
    return [head, ...explanationLines(this)].join('\n')
  }
}

/** What to do about an errno, where the function that gave it says nothing closer. */
const byErrno: Readonly<Record<string, string>> = {
  EPERM:
    'A seal or a missing capability forbids it: a sealed VMA stays as it is, a sealed file is not mapped writable.',
  ENOENT: 'Nothing is there: look at mm.vmas() for what is mapped.',
  EIO: 'A hook threw, or writing back failed: what it threw is shown with the error.',
  ENXIO:
    'The range asked for is outside of what the driver has: compare pgoff and length with its pages.',
  EBADF: 'Give a file that is open, with the access that the call needs.',
  EAGAIN: 'A limit on locked memory is met: raise mm.limits.memlock, or lock less.',
  ENOMEM:
    'Look at mm.limits, at mm.map_count and at mm.should_fail; for a range, every page of it has to be mapped.',
  EACCES:
    'Open the file with the access that the mapping needs, or ask for less: PROT_READ, MAP_PRIVATE.',
  EFAULT: 'Give a range that is mapped and, for a driver, lies inside the VMA.',
  EBUSY: 'Something holds what the call needs: let go of it first.',
  EEXIST: 'Something is mapped there: choose another address, or MAP_FIXED to replace it.',
  ENODEV:
    'Give the file a hook that mmap() may call: mmap_prepare, or the legacy mmap, never both.',
  EINVAL:
    'Check the arguments: addresses and offsets are page aligned, lengths are not 0, and the flags fit together.',
  ETXTBSY: 'The file is being executed or written: use another one.',
  ENOSPC: 'None is left: free one first.',
  EOVERFLOW:
    'Offset and length together leave what a file can hold: ask for less, or lower the offset.',
  EOPNOTSUPP: 'MAP_SHARED_VALIDATE knows no such flag here: leave it out, or use MAP_SHARED.',
}

const ownHook =
  'The driver decided: read its hook. record(mm, () => ...) shows what it was given and what had been done by then.'

const planned = 'A fault plan made it fail: mm.should_fail = null takes it away.'

/** What to do where the function says more than the errno. */
const byFunction: Readonly<Record<string, string>> = {
  mmap: ownHook,
  mmap_proto: ownHook,
  mmap_prepare: ownHook,
  mmap_complete: ownHook,
  success_hook: ownHook,
  'vm_ops->mapped': ownHook,
  'vm_ops->mprotect': ownHook,
  may_split: ownHook,
  mmap_action_complete: `${ownHook} The VMA was unmapped again, and close ran for it.`,
  may_expand_vm: 'Raise mm.limits.as or mm.limits.data, or map less.',
  __vm_enough_memory:
    'Set mm.limits.overcommit_memory to 1, map less, or use MAP_NORESERVE; under 2, raise mm.limits.commit.',
  split_vma: 'Raise mm.limits.max_map_count, or change whole VMAs.',
  vm_area_alloc: planned,
  vma_iter_prealloc: planned,
  mas_store_gfp: planned,
  anon_vma_clone: planned,
  map_deny_write_exec: 'PR_SET_MDWE is on: map writable or executable, not both.',
  do_user_addr_fault: 'Map the page first: mm.vmaAt(addr) tells what is there.',
  access_error:
    'mprotect() grants what the VMA may have; a VM_MAY flag that is clear never comes back.',
  fault:
    'Give the VMA a fault hook, or fill its pages before it is touched: pages(vma) shows what is there.',
}

/**
 * Explains a refusal: who refused and why, the other reasons that this kernel function has for the errno, and what to
 * do next. Takes a KernelError, or an errno (`-22`, `'EINVAL'`) and the function that gave it. RangeError for what is
 * no errno; TypeError for another error.
 */
export function explainErrno(error: KernelError): ErrnoExplanation
export function explainErrno(errno: number | string, at: string): ErrnoExplanation
export function explainErrno(error: KernelError | number | string, at = ''): ErrnoExplanation {
  if (error instanceof KernelError) return explained(error.code, error.at, error.why)
  if (typeof error === 'object' || error === undefined)
    throw new TypeError('explainErrno: give a KernelError, or an errno and a kernel function')
  const name = typeof error === 'number' ? errno_name(error) : String(error).replace(/^-/, '')
  if (errno_number(name) === undefined)
    throw new RangeError(`${String(error)} is no errno: give a name or a number, 'EINVAL' or -22`)
  return explained(name, String(at).replace(/\(\)$/, ''), undefined)
}

function explained(errno: string, at: string, why: string | undefined): ErrnoExplanation {
  const reasons = CAUSES.filter(([place, code]) => place === at && (code === errno || code === '*'))
  const others = reasons.map(([, , reason]) => reason).filter((reason) => !isMet(reason, why))
  return new ErrnoExplanation({
    errno,
    at: at || 'an unknown function',
    ...(why !== undefined && { why }),
    others,
    todo:
      byFunction[at] ??
      byErrno[errno] ??
      'Nothing of the mmap path itself gives it, so a hook of the driver does: read the hooks of the file.',
  })
}

/** Whether a reason with … for its values is the one that was given. */
function isMet(reason: string, why: string | undefined): boolean {
  if (why === undefined) return false
  const parts = reason.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(why)
}

/** More other reasons than these are counted. */
const MOST_OTHERS = 4

/** The lines below an error message. */
export function explanationLines({ errno, at, others, todo }: Explained): string[] {
  const shown = others.slice(0, MOST_OTHERS).map((reason) => `  - ${reason}`)
  const more = others.length - shown.length
  return [
    `what to do: ${todo}`,
    ...(shown.length > 0 ? [`${at}() has other reasons for -${errno}:`, ...shown] : []),
    ...(more > 0 ? [`  - and ${more} more`] : []),
  ]
}
