// SPDX-License-Identifier: GPL-2.0-only
import { errno_name } from './errno.ts'
import type { Refusal } from './mm_types.ts'

/** A system call that the model refused: the errno, the kernel function that refused, and why. */
export class KernelError extends Error implements Refusal {
  override readonly name = 'KernelError'
  /** Positive: compare with ENOMEM and the like. */
  readonly errno: number
  /** The errno's name: `ENOMEM`. */
  readonly code: string
  readonly at: string
  readonly why: string

  constructor(call: string, refusal: Refusal) {
    super(`${call} = -${errno_name(refusal.errno)}, from ${refusal.at}(): ${refusal.why}`)
    this.errno = refusal.errno
    this.code = errno_name(refusal.errno)
    this.at = refusal.at
    this.why = refusal.why
  }
}

/** What a `maybe...` call gives: the value, or the refusal that its twin throws. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly error?: undefined }
  | { readonly ok: false; readonly value?: undefined; readonly error: KernelError }
