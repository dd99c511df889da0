// SPDX-License-Identifier: GPL-2.0-only

/** Text as HTML, with everything escaped. */
export function plainHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
