// SPDX-License-Identifier: GPL-2.0-only
import { inspect } from 'node:util'
import type { MimeBundle } from '../literate/index.ts'
import { display } from '../trace/index.ts'

/** A cell's value as plain JSON. Node's own `inspect` knows what a promise has come to, and is quick with a long array. */
export function shownBundle(value: unknown): MimeBundle {
  return plainBundle(display(value, inspect))
}

/**
 * Forms by MIME type as plain JSON, whoever made them: bytes become base64, what JSON cannot say is left out. Throws a
 * TypeError for a cycle.
 */
export function plainBundle(data: Readonly<Record<string, unknown>>): MimeBundle {
  const forms: Record<string, unknown> = {}
  for (const [mime, value] of Object.entries(data)) {
    if (typeof value === 'string') forms[mime] = value
    else if (value instanceof Uint8Array) forms[mime] = Buffer.from(value).toString('base64')
    else if (value !== undefined) forms[mime] = JSON.parse(JSON.stringify(value) ?? 'null')
  }
  const plain = forms['text/plain']
  return {
    ...forms,
    'text/plain': typeof plain === 'string' ? plain : `[${Object.keys(data).join(', ')}]`,
  }
}
