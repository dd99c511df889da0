// SPDX-License-Identifier: GPL-2.0-only
import { createElement, type ReactNode, useId } from 'react'
import type { Markup } from '../../trace/index.ts'

/** Elements that a cell made, from a markup that was read: see live/markup.ts. A wide one scrolls inside. */
export function Marked({ markup }: { readonly markup: readonly Markup[] }): ReactNode {
  // Two outputs may have parts of the same names.
  const prefix = `vl${useId().replace(/\W/g, '')}-`
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <div className="vl-marked" tabIndex={0}>
      {markup.map((part, i) => elementOf(part, prefix, i))}
    </div>
  )
}

function elementOf(part: Markup, prefix: string, key: number): ReactNode {
  if (typeof part === 'string') return part
  const [tag, attributes, ...children] = part
  const own: Record<string, unknown> = { key }
  for (const [name, value] of Object.entries(attributes))
    own[name === 'class' ? 'className' : name] =
      name === 'id' ? prefix + value : value.replace(/^url\(#/, `url(#${prefix}`)
  return createElement(tag, own, ...children.map((child, i) => elementOf(child, prefix, i)))
}
