// SPDX-License-Identifier: GPL-2.0-only
import { defineConfig } from 'vitest/config'

const project = (name: string, folders: string[], testTimeout = 20_000, globalSetup = '') => ({
  test: {
    name,
    include: folders.map((folder) => `test/${folder}/*.test.ts`),
    testTimeout,
    globalSetup: globalSetup === '' ? [] : [globalSetup],
  },
})

export default defineConfig({
  test: {
    // Many tests wait for another process: vitest's own choice leaves a core idle.
    maxWorkers: '100%',
    projects: [
      project('unit', [
        'mm',
        'eras',
        'drivers',
        'trace',
        'figures',
        'literate',
        'cli',
        'site',
        'recipes',
      ]),
      project('pages', ['pages'], 120_000),
      project('kernel', ['kernel'], 120_000, 'test/kernel/install.setup.ts'),
      project('package', ['package'], 300_000),
      project('browser', ['browser'], 120_000),
      project('jupyter', ['jupyter'], 300_000),
    ],
  },
})
