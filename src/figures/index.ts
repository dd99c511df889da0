// SPDX-License-Identifier: GPL-2.0-only
export const placeholder = 0
