// SPDX-License-Identifier: GPL-2.0-only
import { useCodeBlockContext } from '@docusaurus/theme-common/internal'
import useIsBrowser from '@docusaurus/useIsBrowser'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { codeHtml } from '../../../client/code_html.ts'

/**
 * The code of a block, coloured when the site is built. A page that was loaded keeps what is in its HTML: to colour it
 * again and to compare each word is most of a phone's work on a page with much code.
 */
export default function CodeBlockContent({
  className = '',
}: {
  readonly className?: string
}): ReactNode {
  const { metadata, wordWrap } = useCodeBlockContext()
  const { code, language, lineClassNames } = metadata
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <pre ref={wordWrap.codeBlockRef} tabIndex={0} className={`${className} vl-code thin-scrollbar`}>
      <Coloured key={code} html={() => codeHtml(code, language, lineClassNames)} />
    </pre>
  )
}

function Coloured({ html }: { readonly html: () => string }): ReactNode {
  const isLoaded = typeof window !== 'undefined'
  const isShown = useIsBrowser()
  const [made, setMade] = useState(() => (isLoaded && !isShown ? '' : html()))
  const element = useRef<HTMLElement>(null)
  // Where the page's own HTML was not kept, there is nothing: React makes it anew after an error.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is shown
  useEffect(() => {
    if (element.current?.innerHTML === '') setMade(html())
  }, [])
  return (
    <code
      ref={element}
      suppressHydrationWarning
      // biome-ignore lint/security/noDangerouslySetInnerHtml: code with everything escaped
      dangerouslySetInnerHTML={{ __html: made }}
    />
  )
}
