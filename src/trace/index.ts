// SPDX-License-Identifier: GPL-2.0-only

export { Balance, type BalanceOptions, type BalanceRow, balance } from './balance.ts'
export { goalText, isMet, MEASURES, type Measure, valueText } from './bench_goals.ts'
export {
  type Band,
  type ComparedCall,
  compare,
  compareBands,
  lostRanges,
  resultText,
  type Shown,
} from './compare.ts'
export {
  type DisplayBundle,
  type DisplayedError,
  display,
  displayError,
  FIGURE_MIME,
  type Inspector,
} from './display.ts'
export {
  Equivalence,
  type ExpectedDifference,
  type FoundDifference,
  programText,
} from './equivalence.ts'
export { equivalent } from './equivalent.ts'
export { PROTOCOL_RULES, type ProtocolRule } from './expected.ts'
export { ErrnoExplanation, type Explained, explainErrno } from './explain_errno.ts'
export { failNth } from './faults.ts'
export type {
  CompareFigure,
  Figure,
  FigureRequest,
  FigureResult,
  FigureTable,
  FigureVma,
  HistoryFigure,
  HistoryRow,
  LayoutFigure,
  MeasuredGroup,
  MeasuresFigure,
  MergeRow,
  PageRun,
  PageState,
  PagesFigure,
  PagesPart,
  PipelineEra,
  PipelineExit,
  PipelineFigure,
  PipelineSpan,
  StepVma,
  TimelineFigure,
  TimelineLane,
  TimelineRow,
  VmaKind,
  WhyNotMergedFigure,
} from './figure.ts'
export { figureFault, isFigure } from './figure_check.ts'
export { figureTable, figureText, figureTitle } from './figure_text.ts'
export { type HistoryOptions, history } from './history.ts'
export {
  type Interleaving,
  Interleavings,
  InterleavingTable,
  interleave,
  type Meeting,
} from './interleave.ts'
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
export { escapeHtml, MARKUP_MIME, type Markup } from './markup.ts'
export { FOLLOWING, type Following, type Matrix, NEIGHBOURS, type Neighbours } from './matrix.ts'
export { type BenchResults, measuredVerdict, measures } from './measures.ts'
export { mentionsPlot } from './mentions_plot.ts'
export { minimise } from './minimise.ts'
export { PAGE_WORDS, type PagesOptions, pageCounts, pages, pagesNote } from './pages.ts'
export { type PipelineScenario, pipeline } from './pipeline.ts'
export { GROUND_WORDS, PIPELINE_LOCKS } from './pipeline_text.ts'
export { type HookPath, populationRace, populationRaces } from './population_race.ts'
export type { Op, Program } from './program.ts'
export { type ReadMapsOptions, readMaps } from './read_maps.ts'
export { type Call, Recording, record, type Step, subtract } from './record.ts'
export { type RingStep, StepRing } from './ring.ts'
export { layout, snapshot } from './snapshot.ts'
export type { HeldLock, LockClass } from './step_locks.ts'
export { type FigureStep, figureSteps } from './stepper.ts'
export { type TimelineOptions, timeline } from './timeline.ts'
export { Told } from './told.ts'
export { counted, countText, hexText, pagesIn, sizeText } from './units.ts'
export { whyNotMerged } from './why_not_merged.ts'
export type { CallEnd, CallFacts, Driver } from './world.ts'
export type { Aspect, AspectDifference } from './world_differences.ts'
