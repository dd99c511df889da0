// SPDX-License-Identifier: GPL-2.0-only
import { useState } from 'react'

/** What became of the last copy, in words, and the means to change that. */
export interface Clipboard {
  readonly said: string
  readonly say: (words: string) => void
  /** Puts `text` on the clipboard and says `done`, or `refused` where the page may not. */
  readonly copy: (text: string, done: string, refused: string) => Promise<void>
}

/** The clipboard of a component. */
export function useClipboard(): Clipboard {
  const [said, say] = useState('')
  return {
    said,
    say,
    copy: async (text, done, refused) => {
      try {
        await navigator.clipboard.writeText(text)
        say(done)
      } catch {
        // It may be refused, and on a page without https there is none.
        say(refused)
      }
    },
  }
}
