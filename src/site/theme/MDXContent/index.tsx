// SPDX-License-Identifier: GPL-2.0-only
import Original from '@theme-init/MDXContent'
import type { ReactNode } from 'react'
import { LivePageProvider } from '../../client/context.tsx'

/** A page's content, whose live cells belong together. */
export default function MDXContent({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <LivePageProvider>
      <Original>{children}</Original>
    </LivePageProvider>
  )
}
