// SPDX-License-Identifier: GPL-2.0-only
import useBaseUrl from '@docusaurus/useBaseUrl'
import { type ReactNode, useEffect } from 'react'
import { fetchOnlyWhatIsPointedAt, keepBook } from '../../client/keep_book.ts'

/** What is around every page. */
export default function Root({ children }: { readonly children: ReactNode }): ReactNode {
  const worker = useBaseUrl('/offline.js')
  useEffect(fetchOnlyWhatIsPointedAt, [])
  useEffect(() => keepBook(worker), [worker])
  return <>{children}</>
}
