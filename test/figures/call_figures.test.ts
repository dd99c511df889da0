// SPDX-License-Identifier: GPL-2.0-only
// A figure is a function; its name is the file in output/ that a reviewer looks at.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linux, mapped } from '../../src/eras/index.ts'
import { figureSize, toSvg } from '../../src/figures/index.ts'
import { sceneOf } from '../../src/figures/scene_of.ts'
import { Mm, openFile, PAGE_SIZE } from '../../src/mm/index.ts'
import {
  compare,
  type Figure,
  figureFault,
  figureText,
  history,
  measures,
  pages,
  pipeline,
  record,
  timeline,
  whyNotMerged,
} from '../../src/trace/index.ts'
import { failing, map, merging, skipping, someCalls } from './calls.ts'
import { sceneFaults } from './scene_faults.ts'

function compareMerge(): Figure {
  return compare(merging(), { title: 'A new mapping merges with both neighbours' })
}

function compareHole(): Figure {
  return compare(failing())
}

function compareMove(): Figure {
  const mm = new Mm(linux())
  map(mm, 0x10, 3)
  map(mm, 0x14, 2)
  const [from, to] = [0x11 * PAGE_SIZE, 0x19 * PAGE_SIZE]
  return compare(record(mm, () => mm.mremap(from, PAGE_SIZE, 2 * PAGE_SIZE, 3, to)))
}

function compareSplit(): Figure {
  const mm = new Mm(linux())
  map(mm, 0x10, 9)
  return compare(record(mm, () => mm.mprotect(0x13 * PAGE_SIZE, 3 * PAGE_SIZE, 1)))
}

function timelineHole(): Figure {
  return timeline(failing(), { title: 'A hook that refuses leaves a hole' })
}

function timelineMerge(): Figure {
  return timeline(merging())
}

function historyCalls(): Figure {
  return history(new Mm(linux()), someCalls(30))
}

function pagesFaults(): Figure {
  const mm = new Mm(linux())
  const driver = openFile('/dev/fault', {
    mmap_prepare(desc) {
      desc.vm_ops = { fault: () => 0 }
      return 0
    },
  })
  const empty = openFile('/dev/empty', { mmap_prepare: () => 0 })
  const request = { len: 64 * PAGE_SIZE, prot: 3, flags: 1 }
  mm.mmap({ ...request, file: empty })
  const start = mm.mmap({ ...request, file: driver })
  const touch = (page: number) => mm.touch(start + page * PAGE_SIZE)
  const run = record(mm, () => [5, 6, 40, 12, 13, 60, 33, 0].forEach(touch))
  return pages(mm.vmas(), { run })
}

function pagesBins(): Figure {
  const mm = new Mm(linux())
  const start = map(mm, 0x100, 4096)
  const run = record(mm, () => {
    for (let page = 0; page < 900; page++) mm.touch(start + page * PAGE_SIZE, true)
  })
  return pages(mm.vmas(), { run })
}

function whyOffset(): Figure {
  return whyNotMerged(skipping())
}

function whyMerged(): Figure {
  return whyNotMerged(merging())
}

function measuresGoals(): Figure {
  return measures({
    top_ratio_60k: 2.55,
    top_ns_60k: 1271,
    top_kernel_ns_60k: 3222,
    mprotect_ratio_60k: 0.65,
    mprotect_ns_60k: 6497,
    mprotect_kernel_ns_60k: 4223,
    trace_ratio: 1.24,
    restore_ms_64k: 37.5,
    hole_ns_1k: 1405,
    bytes_per_vma: 299,
  })
}

const examples = {
  compareMerge,
  compareHole,
  compareSplit,
  compareMove,
  timelineHole,
  timelineMerge,
  historyCalls,
  pagesFaults,
  pagesBins,
  whyOffset,
  whyMerged,
  measuresGoals,
}
const WIDTHS = [280, 343, 560, 760, 960]

describe.each(Object.entries(examples))('%s', (name, make) => {
  test('is a figure, also as JSON', () => {
    const figure = make()
    expect(figureFault(figure)).toBeUndefined()
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure)
  })

  test('looks as it did', async () => {
    await expect(await toSvg(make())).toMatchFileSnapshot(`output/${name}.svg`)
    const narrow = await toSvg(make(), { width: 343 })
    await expect(narrow).toMatchFileSnapshot(`output/${name}-343.svg`)
  })

  test('reads as it did', async () => {
    await expect(`${figureText(make())}\n`).toMatchFileSnapshot(`output/${name}.txt`)
  })

  test.each(WIDTHS)('on %d px no text leaves the canvas or covers another', (width) => {
    expect(sceneFaults(sceneOf(make(), { width }))).toEqual([])
  })

  test('stays within its budget', async () => {
    expect((await toSvg(make())).length).toBeLessThan(60_000)
  })
})

test.each(WIDTHS)('whatever is called, on %d px nothing overlaps and all can be drawn', (width) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
      const mm = new Mm(linux())
      const [last, ...first] = someCalls(9, seed)
      history(mm, first)
      const run = record(mm, () => {
        try {
          last?.(mm)
        } catch {}
      })
      for (const figure of [
        compare(run),
        timeline(run),
        history(new Mm(linux()), someCalls(9, seed)),
      ]) {
        expect(figureFault(figure)).toBeUndefined()
        expect(sceneFaults(sceneOf(figure, { width }))).toEqual([])
      }
    }),
    { numRuns: 60 },
  )
})

test('a history of one page is drawn up to 60 calls, in 70 kB', async () => {
  const figure = history(new Mm(linux()), someCalls(90))
  expect(figure.data.calls).toHaveLength(60)
  expect((await toSvg(figure)).length).toBeLessThan(70_000)
  expect(history(new Mm(linux()), someCalls(90), { from: 60 }).data.calls).toHaveLength(30)
})

test('without its table a figure of verdicts is the two blocks', () => {
  const figure = whyOffset()
  expect(figureSize(figure, { table: false }).height).toBeLessThan(120)
  expect(figureSize(figure).height).toBeGreaterThan(300)
})

/** Figures with one value in them replaced by something else. */
function damaged(): fc.Arbitrary<unknown> {
  const junk = fc.constantFrom<unknown>(
    null,
    undefined,
    -1,
    Number.NaN,
    0,
    7,
    2 ** 63,
    1e300,
    '',
    'x',
    {},
    [],
    [{}],
    true,
  )
  const make = fc.constantFrom(...Object.values(examples), () => pipeline([mapped]))
  return fc.tuple(make, fc.nat(), junk).map(([figure, at, value]) => {
    const copy = JSON.parse(JSON.stringify(figure()))
    const places: [Record<string, unknown>, string][] = []
    const walk = (object: Record<string, unknown>) => {
      for (const key of Object.keys(object)) {
        places.push([object, key])
        if (typeof object[key] === 'object' && object[key] !== null)
          walk(object[key] as Record<string, unknown>)
      }
    }
    walk(copy)
    const place = places[at % places.length]
    if (place) place[0][place[1]] = value
    return copy
  })
}

/** Any other run, and one that once came upon a run of 2^63 faults. */
test.each([undefined, -555597259])(
  'what passes the check can be drawn and told, whatever it is (seed %s)',
  (seed) => {
    fc.assert(
      fc.property(damaged(), fc.constantFrom(...WIDTHS), (value, width) => {
        if (figureFault(value) !== undefined) return
        const figure = value as Figure
        expect(figureText(figure)).toEqual(expect.any(String))
        const scene = sceneOf(figure, { width })
        expect(scene.height).toBeGreaterThan(0)
        expect(JSON.stringify(scene.layers)).not.toMatch(/NaN|Infinity|undefined/)
      }),
      { numRuns: 400, ...(seed !== undefined && { seed }) },
    )
  },
)

test('a figure of pages with 2^63 faults in a row tells the first 64', () => {
  const part = { name: 'A', start: 0, pages: [{ state: 'fault', count: 2 ** 63, order: 1 }] }
  const figure = { kind: 'pages', data: { parts: [part] }, options: {} } as Figure
  expect(figureFault(figure)).toBeUndefined()
  expect(figureText(figure)).toMatch(/ 64: page 63, \.\.\.$/m)
})
