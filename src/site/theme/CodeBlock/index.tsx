// SPDX-License-Identifier: GPL-2.0-only
import { useThemeConfig } from '@docusaurus/theme-common'
import {
  CodeBlockContextProvider,
  createCodeBlockMetadata,
  type useCodeWordWrap,
} from '@docusaurus/theme-common/internal'
import type { Props } from '@theme/CodeBlock'
import ElementContent from '@theme/CodeBlock/Content/Element'
import CodeBlockLayout from '@theme/CodeBlock/Layout'
import { Children, isValidElement, type ReactNode, useMemo, useRef } from 'react'

/**
 * A block of code, made once. The theme's own is made again as soon as scripts run, since its colours depend on the
 * reader's choice, and it measures every block; here colours are the style sheet's, and a long line scrolls.
 */
export default function CodeBlock({ children, ...props }: Props): ReactNode {
  const parts = Children.toArray(children)
  if (parts.some(isValidElement)) return <ElementContent {...props}>{children}</ElementContent>
  return <TextBlock {...props} code={parts.join('')} />
}

function TextBlock({ code, ...props }: Omit<Props, 'children'> & { readonly code: string }) {
  const { magicComments, defaultLanguage } = useThemeConfig().prism
  const { className, metastring, language, title, showLineNumbers } = props
  const codeBlockRef = useRef<HTMLPreElement>(null)
  const wordWrap: ReturnType<typeof useCodeWordWrap> = useMemo(
    () => ({ codeBlockRef, isEnabled: false, isCodeScrollable: false, toggle: () => {} }),
    [],
  )
  const metadata = useMemo(
    () =>
      createCodeBlockMetadata({
        code,
        className,
        metastring,
        magicComments,
        defaultLanguage,
        language,
        title,
        showLineNumbers,
      }),
    [code, className, metastring, magicComments, defaultLanguage, language, title, showLineNumbers],
  )
  return (
    <CodeBlockContextProvider metadata={metadata} wordWrap={wordWrap}>
      <CodeBlockLayout />
    </CodeBlockContextProvider>
  )
}
