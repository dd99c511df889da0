// SPDX-License-Identifier: GPL-2.0-only
import { vi } from 'vitest'

/** What a command prints from now on, instead of printing it; `vi.restoreAllMocks()` ends it. */
export function captureOutput(): { out: string; err: string } {
  const captured = { out: '', err: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    captured.out += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    captured.err += text
    return true
  })
  return captured
}
