// SPDX-License-Identifier: GPL-2.0-only
export type { Figure, FigureVma, LayoutFigure, VmaKind } from './trace/index.ts'
