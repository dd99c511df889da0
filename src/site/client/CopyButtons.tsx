// SPDX-License-Identifier: GPL-2.0-only
import type { ReactNode } from 'react'
import { linkLimit, shareFragment } from '../live/share.ts'
import { Button } from './buttons.tsx'
import { useClipboard } from './clipboard.ts'
import type { LivePage } from './live_page.ts'

interface CopyButtonsProps {
  readonly page: LivePage
  readonly n: number
  readonly code: string
}

/** Puts the cell's code, or a link that carries it, on the clipboard, and says so. */
export function CopyButtons({ page, n, code }: CopyButtonsProps): ReactNode {
  const { said, say, copy } = useClipboard()
  const link = () => {
    const fragment = shareFragment(page.shared(n))
    if (fragment === undefined)
      return say(`too long for a link: ${linkLimit} characters is the most`)
    history.replaceState(history.state, '', fragment)
    void copy(location.href, 'link copied', 'the link is in the address bar')
  }
  return (
    <>
      <Button
        name="Copy"
        hint="Copies the code"
        onClick={() => void copy(code, 'code copied', 'the clipboard is closed to this page')}
      />
      <Button name="Link" hint="Copies a link that carries this code" onClick={link} />
      <span className="vl-said" role="status">
        {said}
      </span>
    </>
  )
}
