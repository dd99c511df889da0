// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { drivers } from '../../src/drivers/index.ts'
import { complete, eras, legacy, mapped, prepare, releaseOf } from '../../src/eras/index.ts'
import { toSvg } from '../../src/figures/index.ts'
import { sceneOf } from '../../src/figures/scene_of.ts'
import { type Era, Mm, openFile } from '../../src/mm/index.ts'
import { figureFault, figureText, pipeline, record } from '../../src/trace/index.ts'
import { checkOrder, stagedSteps } from '../../src/trace/pipeline_stages.ts'
import { sceneFaults } from './scene_faults.ts'

const four = pipeline([legacy, prepare, complete, mapped])
const all = pipeline(eras)

test('reads as it did', async () => {
  await expect(`${figureText(all)}\n`).toMatchFileSnapshot('output/pipeline.txt')
})

test.each([
  ['pipeline', four, 960],
  ['pipeline-760', four, 760],
  ['pipeline-343', pipeline([mapped]), 343],
])('%s looks as it did', async (name, figure, width) => {
  const svg = await toSvg(figure, { width })
  expect(svg.length).toBeLessThan(60_000)
  await expect(svg).toMatchFileSnapshot(`output/${name}.svg`)
})

test.each([280, 343, 560, 760, 900, 960])(
  'on %d px no text leaves the canvas or covers another',
  (width) => {
    for (const figure of [four, all, pipeline([complete])]) {
      expect(figureFault(figure)).toBeUndefined()
      expect(sceneFaults(sceneOf(figure, { width }))).toEqual([])
    }
  },
)

const exits = (era: Era) =>
  pipeline([era]).data.eras[0]!.exits.map(({ at, s }) => `${at.join(' ')}: ${s}`)

describe('what core must undo', () => {
  test.each<[Era, string]>([
    [legacy, 'gather charge: old VMAs back, still split'],
    [legacy, 'call: zap what the driver mapped, free the VMA, fput, uncharge; hole'],
    [prepare, 'ask: the charge leaks; hole'],
    [prepare, 'alloc: uncharge; hole. The driver is not told'],
    [complete, 'alloc: .mmap_abort, uncharge; hole'],
    [complete, 'fill: do_munmap, which calls close, uncharge; hole'],
    [mapped, 'ask: uncharge; hole'],
    [mapped, 'fill tell: do_munmap, which calls close, uncharge; hole'],
  ])('$name %s', (era, exit) => expect(exits(era)).toContain(exit))
})

test.each<[Era, string]>([
  [legacy, 'call .mmap new'],
  [prepare, 'ask .mmap_prepare desc'],
  [complete, 'ask .mmap_prepare desc, fill .mmap_complete tree'],
  [mapped, 'ask .mmap_prepare desc, tell vm_ops->mapped tree'],
])('$name: the hooks lie on %s', (era, expected) => {
  const { stages, eras: columns } = pipeline([era]).data
  const index = (id: string) => stages.findIndex((stage) => stage.id === id)
  const { hooks, ground } = columns[0]!
  const told = hooks.map(({ at, name }) => {
    const kind = ground.find(
      ({ from, to }) => index(from) <= index(at) && index(at) <= index(to),
    )?.kind
    return `${at} ${name} ${kind}`
  })
  expect(told.join(', ')).toBe(expected)
})

test.each<[Era, string]>([
  [legacy, 'no .mmap'],
  [prepare, 'data overwritten'],
  [complete, 'lock never dropped'],
  [mapped, 'no mapped'],
])('$name: the price of a merge is %s', (era, price) =>
  expect(pipeline([era]).data.eras[0]!.merge?.price).toBe(price),
)

test('every error after the point of no return leaves a hole, none before does', () => {
  const { stages, noWayBack, eras: columns } = all.data
  const index = (id: string) => stages.findIndex((stage) => stage.id === id)
  for (const { exits: each } of columns)
    for (const { at, s } of each)
      for (const stage of at) {
        if (s === 'the mapping stays') continue
        expect(`${stage} ${s.includes('hole')}`).toBe(`${stage} ${index(stage) > index(noWayBack)}`)
      }
})

test('steps that come in another order are refused', () => {
  const mm = new Mm(releaseOf(mapped))
  const request = { len: 4096, prot: 3, flags: 2, file: openFile('f', { mmap_prepare: () => 0 }) }
  const staged = stagedSteps(record(mm, () => mm.mmap(request)))
  expect(() => checkOrder(staged, 'a run')).not.toThrow()
  expect(() => checkOrder([...staged].reverse(), 'a run')).toThrow(
    /^a run: .* came after .*, which/,
  )
})

test('a seventh era and a driver of its own need nothing here', () => {
  const seventh: Era = {
    ...mapped,
    name: 'seventh',
    about: { releases: '9.0', status: 'proposed', hooks: 'something new', citation: 'none' },
  }
  const hooks = () => ({ mmap_prepare: () => 0 })
  const { eras: columns } = pipeline([seventh], { text: 'a driver', hooks }).data
  expect(columns[0]).toMatchObject({
    name: 'seventh',
    when: '9.0 (proposed)',
    gets: 'something new',
  })
  const places = ['src/trace', 'src/figures'].flatMap((dir) =>
    readdirSync(dir).map((file) => `${dir}/${file}`),
  )
  // 'mapped' and 'action' are names of other things too.
  const quoted = /'(?:legacy|proto|prepare|complete)'/
  expect(places.filter((path) => quoted.test(readFileSync(path, 'utf8')))).toEqual([])
})

test('a driver of the gallery goes through it too; an era that it cannot speak sees its old hook', () => {
  const { eras: columns } = pipeline([prepare, complete], drivers.lockAcross).data
  expect(columns.map(({ hooks }) => hooks.map(({ name }) => name))).toEqual([
    ['.mmap'],
    ['.mmap_prepare', '.mmap_complete'],
  ])
})

test('no era is none', () => {
  expect(() => pipeline([])).toThrow('pipeline: give one era at least')
  expect(() => pipeline(legacy as never)).toThrow('pipeline: give an array of eras')
  expect(() => pipeline(['legacy'] as never)).toThrow('pipeline: "legacy" is no era')
})
