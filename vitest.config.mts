// SPDX-License-Identifier: GPL-2.0-only
import { defineConfig } from 'vitest/config'

const project = (name: string, folders: string[], globalSetup: string[] = []) => ({
  test: {
    name,
    include: folders.map((folder) => `test/${folder}/*.test.ts`),
    globalSetup,
    // They end what hangs, and nothing that is slow on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 120_000 } },
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
      project('pages', ['pages']),
      project('kernel', ['kernel'], ['test/kernel/install.setup.ts']),
      project('package', ['package']),
      project('browser', ['browser']),
      project('jupyter', ['jupyter']),
    ],
  },
})
