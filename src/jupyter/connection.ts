// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Signing } from './wire.ts'

/** Where a kernel listens and how it signs: a connection file, checked. */
export interface Connection {
  readonly signing: Signing
  /** A ZeroMQ address for each socket. */
  readonly addresses: Readonly<Record<Socket, string>>
}

/** The five sockets of a kernel. */
export type Socket = 'shell' | 'control' | 'stdin' | 'iopub' | 'hb'

const sockets: readonly Socket[] = ['shell', 'control', 'stdin', 'iopub', 'hb']

/**
 * Reads a connection file, waiting up to `patience` milliseconds for it to be there and whole: the client may still be
 * writing it. Throws an Error that names the file and what is wrong with it.
 */
export async function readConnection(path: string, patience = 5000): Promise<Connection> {
  const deadline = Date.now() + patience
  for (;;) {
    try {
      return parseConnection(readFileSync(path, 'utf8'))
    } catch (error) {
      if (Date.now() >= deadline) throw new Error(explain(path, error, patience))
    }
    await delay(50)
  }
}

function explain(path: string, error: unknown, patience: number): string {
  const code = Reflect.get(Object(error), 'code')
  const waited = `(waited ${patience / 1000} s)`
  if (code === 'ENOENT')
    return `there is no connection file ${path} ${waited}: Jupyter writes it and names it when it starts the kernel`
  const message = error instanceof Error ? error.message : String(error)
  return code === undefined
    ? `${path} is not a connection file ${waited}: ${message}`
    : `cannot read the connection file ${path} ${waited}: ${message}`
}

/** Reads the text of a connection file. Throws an Error that says what is wrong with it. */
export function parseConnection(text: string): Connection {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error('it is no JSON object')
  const field = (name: string, fallback?: string): string => {
    const one = Reflect.get(value, name) ?? fallback
    if (typeof one !== 'string') throw new Error(`"${name}" is not a text`)
    return one
  }
  const transport = field('transport', 'tcp')
  const ip = field('ip')
  const scheme = field('signature_scheme', 'hmac-sha256')
  if (!/^hmac-\w+$/.test(scheme)) throw new Error(`"signature_scheme" ${scheme} is not known`)
  const address = (socket: Socket): string => {
    const port = Reflect.get(value, `${socket}_port`)
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new Error(`"${socket}_port" is ${JSON.stringify(port)}, not a port`)
    return transport === 'ipc' ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`
  }
  return {
    signing: { scheme, key: field('key', '') },
    addresses: Object.fromEntries(
      sockets.map((socket) => [socket, address(socket)]),
    ) as Connection['addresses'],
  }
}
