// SPDX-License-Identifier: GPL-2.0-only
import type { ComponentProps, ReactNode } from 'react'

/** A table of a page: a wide one scrolls, and the keyboard reaches it. */
export function Table(props: ComponentProps<'table'>): ReactNode {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
  return <table tabIndex={0} {...props} />
}

/** The head of a column; Markdown has no other way to leave a corner empty than a head without words. */
export function TableHead(props: ComponentProps<'th'>): ReactNode {
  const { scope, ...rest } = props
  return props.children ? <th {...props} /> : <td {...rest} />
}
