// SPDX-License-Identifier: GPL-2.0-only
import useIsBrowser from '@docusaurus/useIsBrowser'
import type { ReactNode } from 'react'

/** Only where scripts run: without them the buttons would do nothing. */
export function Buttons({ children }: { readonly children: ReactNode }): ReactNode {
  const isBrowser = useIsBrowser()
  return (
    <div className="vl-buttons" hidden={!isBrowser}>
      {children}
    </div>
  )
}

interface ButtonProps {
  readonly name: string
  readonly hint?: string
  readonly enabled?: boolean
  readonly onClick: () => void
}

/** Stays focusable while it is not enabled, so that the keyboard does not lose its place. */
export function Button({ name, hint, enabled = true, onClick }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      title={hint}
      aria-disabled={!enabled}
      onClick={enabled ? onClick : undefined}
    >
      {name}
    </button>
  )
}
