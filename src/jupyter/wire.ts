// SPDX-License-Identifier: GPL-2.0-only
/** Jupyter's messages as frames: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

/** The version of the messaging protocol spoken here. */
export const PROTOCOL_VERSION = '5.4'

/** Who sent what; field names are the protocol's. */
export interface Header {
  readonly msg_id: string
  readonly msg_type: string
  readonly session: string
  readonly username: string
  /** ISO 8601. */
  readonly date: string
  readonly version: string
}

/** A message; `identities` are the routing prefix, or the topic of a published one. */
export interface Message {
  readonly identities: readonly Uint8Array[]
  readonly header: Header
  /** The header of the request it belongs to; `{}` when there is none. */
  readonly parent_header: Header | Record<string, never>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly content: Readonly<Record<string, unknown>>
}

/** How messages are signed: `hmac-sha256` and the key of the connection file; an empty key signs nothing. */
export interface Signing {
  readonly scheme: string
  readonly key: string
}

const delimiter = Buffer.from('<IDS|MSG>')

/** A new header of this process's `session`. */
export function newHeader(msg_type: string, session: string): Header {
  const date = new Date().toISOString()
  return {
    msg_id: randomUUID(),
    msg_type,
    session,
    username: 'vmalab',
    date,
    version: PROTOCOL_VERSION,
  }
}

/** Throws an Error that says what is wrong with the frames, in one of a few sentences. */
export function parseMessage(frames: readonly Uint8Array[], signing: Signing): Message {
  const at = frames.findIndex((frame) => delimiter.equals(frame))
  if (at < 0) throw new Error('a message without the delimiter <IDS|MSG>')
  const [signature, ...parts] = frames.slice(at + 1).map((frame) => Buffer.from(frame))
  if (!signature || parts.length < 4) throw new Error('a message of fewer than 4 parts')
  const expected = Buffer.from(sign(parts, signing))
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature))
    throw new Error('a message with a wrong signature')
  const [header, parent, metadata, content] = parts.slice(0, 4).map((part) => {
    const value = parseJson(part)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('a message with a part that is no object')
    return value as Record<string, unknown>
  })
  for (const name of ['msg_type', 'msg_id'])
    if (typeof header?.[name] !== 'string') throw new Error(`a message without ${name}`)
  return {
    identities: frames.slice(0, at),
    header: header as unknown as Header,
    parent_header: parent as Message['parent_header'],
    metadata: metadata ?? {},
    content: content ?? {},
  }
}

function parseJson(part: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(part)
  } catch {
    throw new Error('a message with a part that is not UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('a message with a part that is not JSON')
  }
}

/** This many signatures are remembered: what jupyter_client does. */
const remembered = 1 << 16

/**
 * Tells whether well-signed frames were seen before: whoever overheard a message could send it again. Always false
 * where nothing is signed.
 */
export function replayGuard({ key }: Signing): (frames: readonly Uint8Array[]) => boolean {
  const seen = new Set<string>()
  return (frames) => {
    const at = frames.findIndex((frame) => delimiter.equals(frame))
    const signature = Buffer.from(frames[at + 1] ?? []).toString('latin1')
    if (key === '' || seen.has(signature)) return key !== ''
    seen.add(signature)
    const [oldest] = seen
    if (seen.size > remembered && oldest !== undefined) seen.delete(oldest)
    return false
  }
}

/** The frames of a message, signed. */
export function packMessage(message: Message, signing: Signing): Uint8Array[] {
  const { header, parent_header, metadata, content } = message
  const parts = [header, parent_header, metadata, content].map((part) =>
    Buffer.from(JSON.stringify(part, wellFormed)),
  )
  return [...message.identities, delimiter, Buffer.from(sign(parts, signing)), ...parts]
}

/** Half a surrogate pair is no UTF-8: a client could not save it. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value
}

function sign(parts: readonly Uint8Array[], { scheme, key }: Signing): string {
  if (key === '') return ''
  const hmac = createHmac(scheme.replace(/^hmac-/, ''), key)
  for (const part of parts) hmac.update(part)
  return hmac.digest('hex')
}
