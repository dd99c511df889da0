// SPDX-License-Identifier: GPL-2.0-only
import useBaseUrl from '@docusaurus/useBaseUrl'
import { type ReactNode, useEffect, useState } from 'react'
import { readFragment } from '../live/share.ts'
import { Button, Buttons } from './buttons.tsx'
import { useLivePage } from './context.tsx'

/** What the remark plugin writes: attributes are text. */
export interface PageBarProps {
  /** The page's path below docs/, without extension. */
  readonly page: string
}

/** What can be done with all cells of a page: run them, take them along; and what became of the link that led here. */
export function PageBar({ page: name }: PageBarProps): ReactNode {
  const page = useLivePage()
  const notebook = useBaseUrl(`/notebooks/${name}.ipynb`)
  const book = useBaseUrl('/notebooks/vmalab.zip')
  const [fault, setFault] = useState<string>()
  useEffect(() => {
    const read = () => {
      const link = readFragment(location.hash)
      if (link !== undefined) setFault('fault' in link ? link.fault : page.open(link.cells))
    }
    // The cells below make themselves known in effects that come after this one.
    queueMicrotask(read)
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [page])
  return (
    <div className="vl-page">
      <div className="vl-bar">
        <Buttons>
          <Button
            name="Run all"
            hint="Runs every cell of this page"
            onClick={() => void page.runAll()}
          />
        </Buttons>
        <a href={notebook} download>
          Notebook
        </a>
        <a href={book} download>
          All notebooks
        </a>
        <details>
          <summary>Open in Jupyter</summary>
          <p className="vl-how">
            Register the kernel once with <code>npx vmalab install --user</code>, then open what you
            downloaded in your Jupyter: <code>jupyter lab</code>. The archive of all notebooks has
            this page as {name}.ipynb. Or run <code>npm run jupyter</code> in a checkout, which has
            them in notebooks/.
          </p>
        </details>
      </div>
      <p className="vl-fault" role="alert" hidden={fault === undefined}>
        {fault}
      </p>
    </div>
  )
}
