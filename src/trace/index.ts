// SPDX-License-Identifier: GPL-2.0-only

export {
  type DisplayBundle,
  type DisplayedError,
  display,
  displayError,
  FIGURE_MIME,
  inspectText,
} from './display.ts'
export { failNth } from './faults.ts'
export type { Figure, FigureVma, LayoutFigure, VmaKind } from './figure.ts'
export { figureFault, isFigure } from './figure_check.ts'
export { KIND_WORDS, kindOf } from './kind.ts'
export { layoutText, mapsLine, stripText } from './layout_text.ts'
export {
  type AddressRange,
  foldLimit,
  kindCounts,
  kindsIn,
  layoutTitle,
  mappedBytes,
  SINGLE_VMAS,
  shownVmas,
  vmaFacts,
  windowText,
} from './layout_view.ts'
export { formatMapsLine, MapsError, type MapsLine, type OnMapsError, parseMaps } from './maps.ts'
export { type ReadMapsOptions, readMaps } from './read_maps.ts'
export { Recording, record, type Step } from './record.ts'
export { layout, snapshot, snapshotVma, vmaLetter } from './snapshot.ts'
export { counted, countText, hexText, pagesIn, sizeText } from './units.ts'
