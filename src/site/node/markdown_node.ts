// SPDX-License-Identifier: GPL-2.0-only

/** A node of a Markdown tree, as far as the remark plugins here read and write it. */
export interface MarkdownNode {
  type: string
  depth?: number
  lang?: string | null
  meta?: string | null
  value?: string
  name?: string
  attributes?: { type: 'mdxJsxAttribute'; name: string; value: string }[]
  children?: MarkdownNode[]
}

/** The node of a component, or of an HTML element, which stands as a block. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: MarkdownNode[] = [],
): MarkdownNode {
  return {
    type: 'mdxJsxFlowElement',
    name,
    attributes: Object.entries(attributes).map(([name, value]) => ({
      type: 'mdxJsxAttribute',
      name,
      value,
    })),
    children,
  }
}
