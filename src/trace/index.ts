// SPDX-License-Identifier: GPL-2.0-only
export type { Figure, FigureVma, LayoutFigure, VmaKind } from './figure.ts'
export type { MapsLine, OnMapsError } from './maps.ts'
export { formatMapsLine, MapsError, parseMaps } from './maps.ts'
