// SPDX-License-Identifier: GPL-2.0-only
import { useCodeBlockContext } from '@docusaurus/theme-common/internal'
import useIsBrowser from '@docusaurus/useIsBrowser'
import { lazy, type ReactNode, useEffect, useRef, useState } from 'react'
import { plainHtml } from '../../../client/plain_html.ts'

interface ColouredProps {
  readonly code: string
  readonly language: string
  readonly lineClasses: Readonly<Record<number, readonly string[]>>
}

/**
 * The code of a block, coloured when the site is built. A page that was loaded keeps what is in its HTML: to colour it
 * again and to compare each word is most of a phone's work on a page with much code, and what colours is loaded only
 * for a page that the reader goes on to.
 */
export default function CodeBlockContent({
  className = '',
}: {
  readonly className?: string
}): ReactNode {
  const { metadata, wordWrap } = useCodeBlockContext()
  const { code, language, lineClassNames } = metadata
  const Coloured = typeof window === 'undefined' ? Built : Shown
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <pre ref={wordWrap.codeBlockRef} tabIndex={0} className={`${className} vl-code thin-scrollbar`}>
      <Coloured key={code} code={code} language={language} lineClasses={lineClassNames} />
    </pre>
  )
}

const loadColours = () => import('../../../client/code_html.ts')

/** The build waits for it. */
const Built = lazy(async () => {
  const { codeHtml } = await loadColours()
  return {
    default: ({ code, language, lineClasses }: ColouredProps) => (
      // biome-ignore lint/security/noDangerouslySetInnerHtml: code with everything escaped
      <code dangerouslySetInnerHTML={{ __html: codeHtml(code, language, lineClasses) }} />
    ),
  }
})

function Shown({ code, language, lineClasses }: ColouredProps): ReactNode {
  const isLoaded = !useIsBrowser()
  const [html, setHtml] = useState(() => (isLoaded ? '' : plainHtml(code)))
  const element = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is shown
  useEffect(() => {
    // React makes a page anew after an error: then nothing of its HTML is left.
    if (isLoaded && element.current?.innerHTML !== '') return
    if (isLoaded) setHtml(plainHtml(code))
    void loadColours().then(({ codeHtml }) => setHtml(codeHtml(code, language, lineClasses)))
  }, [])
  return (
    <code
      ref={element}
      suppressHydrationWarning
      // biome-ignore lint/security/noDangerouslySetInnerHtml: code with everything escaped
      dangerouslySetInnerHTML={{ __html: html }}
    />
  )
}
