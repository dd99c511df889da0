// SPDX-License-Identifier: GPL-2.0-only
import { parseHTML } from 'linkedom'

/** An empty document for drawing without a browser. */
export function openDocument(): Document {
  return parseHTML('<!doctype html><html><body></body></html>').document
}
