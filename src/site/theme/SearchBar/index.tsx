// SPDX-License-Identifier: GPL-2.0-only
import Original from '@easyops-cn/docusaurus-search-local/dist/client/client/theme/SearchBar'
import { type ComponentProps, type ReactNode, useEffect, useRef } from 'react'

/** The search's box, with what its library leaves out for screen readers. */
export default function SearchBar(props: ComponentProps<typeof Original>): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const within = box.current
    if (within === null) return
    const observer = new MutationObserver(() => completeRoles(within))
    observer.observe(within, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={box} className="vl-search">
      <Original {...props} />
    </div>
  )
}

function completeRoles(within: Element): void {
  const input = within.querySelector('input[aria-owns]')
  input?.setAttribute('aria-controls', input.getAttribute('aria-owns') ?? '')
  const list = within.querySelector('[role="listbox"]')
  for (const one of list?.querySelectorAll('a, [class^="noResults_"]') ?? []) one.role = 'option'
}
