// SPDX-License-Identifier: GPL-2.0-only
import useIsBrowser from '@docusaurus/useIsBrowser'
import {
  Children,
  isValidElement,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'

/** What the remark plugin writes: attributes are text. */
export interface VariantProps {
  /** What its tab says. */
  readonly label: string
  /** Where several could be read first, this one is. */
  readonly first?: string
  readonly children: ReactNode
}

/** One of several forms of a thing; only ever inside of {@link Variants}. */
export function Variant({ children }: VariantProps): ReactNode {
  return children
}

/**
 * Several forms of one thing, a tab each. Without scripts, and on paper, they stand one below the other: the style
 * sheet hides what is not selected only where scripts run.
 */
export function Variants({ children }: { readonly children: ReactNode }): ReactNode {
  const variants = Children.toArray(children).filter((child): child is ReactElement<VariantProps> =>
    isValidElement(child),
  )
  const isBrowser = useIsBrowser()
  const id = useId()
  const root = useRef<HTMLDivElement>(null)
  const [selected, setSelected] = useState(
    Math.max(
      variants.findIndex(({ props }) => props.first !== undefined),
      0,
    ),
  )
  useEffect(() => followLinks(root.current, setSelected), [])
  const select = (at: number) => {
    setSelected(at)
    const heading = root.current?.querySelector(`[data-variant="${at}"] h3[id]`)
    if (heading) history.replaceState(history.state, '', `#${heading.id}`)
  }
  const move = (event: KeyboardEvent) => {
    const to = target(event.key, selected, variants.length)
    if (to === undefined) return
    event.preventDefault()
    select(to)
    root.current?.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus()
  }
  return (
    <div className="vl-variants" ref={root}>
      <div
        className="vl-tabs"
        role="tablist"
        aria-label="Forms of the driver"
        hidden={!isBrowser}
        onKeyDown={move}
      >
        {variants.map(({ props }, at) => (
          <button
            key={props.label}
            type="button"
            role="tab"
            id={`${id}tab${at}`}
            aria-controls={`${id}panel${at}`}
            aria-selected={at === selected}
            tabIndex={at === selected ? 0 : -1}
            onClick={() => select(at)}
          >
            {props.label}
          </button>
        ))}
      </div>
      {variants.map((variant, at) => (
        <div
          key={variant.props.label}
          id={`${id}panel${at}`}
          data-variant={at}
          data-selected={at === selected}
          {...(isBrowser && { role: 'tabpanel', 'aria-labelledby': `${id}tab${at}` })}
        >
          {variant}
        </div>
      ))}
    </div>
  )
}

/** The tab that a key leads to from `at`. */
function target(key: string, at: number, count: number): number | undefined {
  if (key === 'ArrowRight') return (at + 1) % count
  if (key === 'ArrowLeft') return (at + count - 1) % count
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : undefined
}

/** A link to a heading inside of a variant selects it. */
function followLinks(root: HTMLElement | null, select: (at: number) => void): () => void {
  const follow = () => {
    const heading = document.getElementById(location.hash.slice(1))
    const panel = heading?.closest<HTMLElement>('[data-variant]')
    if (!heading || !panel || !root?.contains(panel)) return
    select(Number(panel.dataset.variant))
    requestAnimationFrame(() => heading.scrollIntoView())
  }
  follow()
  addEventListener('hashchange', follow)
  return () => removeEventListener('hashchange', follow)
}
