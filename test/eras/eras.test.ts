// SPDX-License-Identifier: GPL-2.0-only
// What separates the eras and the releases inside them, a row of the table to a case. No kernel was recorded for most
// of these: the rows are read in sources, patches and changelogs.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { complete, legacy, linux, mapped } from '../../src/eras/index.ts'
import {
  __compat_vma_mmap,
  compat_set_desc_from_vma,
  EAGAIN,
  EBUSY,
  ENXIO,
  type Era,
  type file,
  type file_operations,
  Mm,
  mmap_action_remap,
  mmap_action_remap_full,
  mmap_action_simple_ioremap,
  openFile,
  PAGE_SIZE,
  type Release,
  VM_DONTCOPY,
  VM_MAYWRITE,
  vfs_mmap,
  vfs_mmap_prepare,
  type vm_area_desc,
  vm_flags_set,
  type vm_operations_struct,
  vma_dummy_vm_ops,
} from '../../src/mm/index.ts'
import { BASE, run, unmapAll } from '../mm/program.ts'

/** The same hook under every name that describes a mapping. */
const describing = (hook: (desc: vm_area_desc) => number): file_operations => ({
  mmap_prepare: hook,
  mmap_proto: hook,
})
const releases = (names: string): Release[] => names.split(' ').map((name) => linux(name))
const every =
  'rfc-proto 6.16 6.17 6.18 6.19 7.0.3 7.0 7.1 7.2.7 7.2.9 7.2.10 7.3.3 7.3 rfc-complete'

/** The names of the hooks that a mapping of `driver` calls, and the errno or `mapped`. */
function hooksOf(release: Release, driver: file, flags = 0x11): string {
  const mm = new Mm(release)
  const called: string[] = []
  mm.listener = (name) => name.startsWith('call_') && called.push(name.slice(5))
  const prot = flags === 0x11 ? 1 : 3
  const result = mm.maybeMmap({ addr: BASE, len: 2 * PAGE_SIZE, prot, flags, file: driver })
  mm.munmap(0, mm.range.task_size)
  return `${called.join(' ')} = ${result.ok ? 'mapped' : result.error.code}`
}

/** Pages that stay charged for nothing after a private writable mapping of 4 pages fails in its hook. */
function leaked(mm: Mm, driver: file): number {
  const request = { addr: BASE + 2 * PAGE_SIZE, len: 4 * PAGE_SIZE, prot: 3, flags: 0x12 }
  expect(mm.maybeMmap({ ...request, file: driver }).ok).toBe(false)
  return mm.committed - mm.total_vm
}

const closing: vm_operations_struct = { close: () => {}, mapped: () => 0 }

it.each([
  ['rfc-proto', 'new'],
  ['6.16', 'new'],
  ['6.18', 'new'],
  ['6.19', 'new'],
  ['7.0', 'new'],
  ['7.1', 'new'],
  ['7.2', 'old'],
  ['7.2.4', 'new'],
  ['7.2.9', 'new'],
  ['7.2.10', 'old'],
  ['7.3', 'old'],
  ['rfc-complete-6.17', 'new'],
  ['rfc-complete', 'old'],
])('%s: on a merge the private data of the survivor is the %s one', (release, expected) => {
  let calls = 0
  const f = openFile(
    'f',
    describing((desc) => {
      desc.private_data = ++calls === 1 ? 'old' : 'new'
      return 0
    }),
  )
  const { mm, list } = run('rs 0 1 f@0; rs 1 1 f@1', { f }, linux(release))
  expect([list, mm.vmas()[0]?.vm_private_data]).toEqual(['0-2rs f@0', expected])
})

it.each([
  ['7.2.9', 'own', 'second'],
  ['7.2.9', 'none', 'none'],
  ['7.0', 'own', 'second'],
  ['7.0', 'none', 'first'],
  ['7.2.10', 'own', 'first'],
  ['7.2.10', 'none', 'first'],
])('%s: a merged call whose hook sets %s hooks leaves the %s', (release, sets, expected) => {
  const tables = { first: { name: () => null }, second: { name: () => null } }
  let calls = 0
  const f = openFile(
    'f',
    describing((desc) => {
      if (++calls === 1) desc.vm_ops = tables.first
      else if (sets === 'own') desc.vm_ops = tables.second
      else if (desc.mm.release.null_ops_is_anonymous) desc.vm_ops = null
      return 0
    }),
  )
  const { mm } = run('rs 0 1 f@0; rs 1 1 f@1', { f }, linux(release))
  const [left] = mm.vmas()
  const found = Object.entries(tables).find(([, table]) => table === left?.vm_ops)?.[0] ?? 'none'
  expect(found).toBe(expected)
})

it.each([
  ['rfc-proto', 4],
  ['6.16', 4],
  ['6.19', 4],
  ['7.1', 4],
  ['7.2.7', 4],
  ['7.2.8', 0],
  ['7.3', 0],
  ['rfc-complete-6.17', 4],
  ['rfc-complete', 0],
])(
  '%s: a failing description of a private writable mapping leaks %i pages of charge',
  (release, pages) => {
    const f = openFile(
      'f',
      describing(() => -EBUSY),
    )
    expect(leaked(new Mm(linux(release)), f)).toBe(pages)
  },
)

it.each([
  ['6.12', 4],
  ['7.2.12', 4],
  ['7.3.3', 4],
  ['7.3.4', 0],
])('%s: a late failure over accounted memory leaks %i pages of charge', (release, pages) => {
  const f = openFile('f', { mmap: () => -EBUSY })
  expect(leaked(run('rw 0 8', {}, linux(release)).mm, f)).toBe(pages)
})

it.each([
  ['rfc-proto', 'null', 'dummy', 'dummy'],
  ['6.16', 'null', 'dummy', 'dummy'],
  ['7.0', 'null', 'dummy', 'dummy'],
  ['7.2', 'dummy', 'dummy', 'anonymous'],
  ['7.3', 'dummy', 'dummy', 'anonymous'],
  ['rfc-complete', 'dummy', 'dummy', 'anonymous'],
])('%s: vm_ops is %s on entry; untouched gives %s, null gives %s', (release, ...expected) => {
  const say = (ops: unknown, none: string) =>
    ops === null ? none : ops === vma_dummy_vm_ops ? 'dummy' : 'other'
  let entry: unknown
  const untouched = openFile(
    'f',
    describing((desc) => {
      entry = desc.vm_ops
      return 0
    }),
  )
  const nulled = openFile(
    'g',
    describing((desc) => {
      desc.vm_ops = null
      return 0
    }),
  )
  const { mm } = run('r 0 1 f; r 4 1 g', { f: untouched, g: nulled }, linux(release))
  const ops = mm.vmas().map((vma) => say(vma.vm_ops, 'anonymous'))
  expect([say(entry, 'null'), ...ops]).toEqual(expected)
})

it.each([
  ['6.12', '0-8rws f@0'],
  ['rfc-proto', '0-4rws f@0 4-8rws f@4'],
  ['6.16', '0-4rws f@0 4-8rws f@4'],
  ['6.19', '0-4rws f@0 4-8rws f@4'],
  ['7.1', '0-4rws f@0 4-8rws f@4'],
  ['7.3', '0-4rws f@0 4-8rws f@4'],
])('%s: a legacy hook that changes flags gives %s', (release, list) => {
  const f = openFile('f', {
    mmap: (_, vma) => {
      vm_flags_set(vma, VM_DONTCOPY)
      return 0
    },
  })
  expect(run('rws 0 4 f@0; rws 4 4 f@4', { f }, linux(release)).list).toBe(list)
})

it.each([
  ['6.12', 'mmap', 'mmap = mapped'],
  ['6.12', 'mmap_prepare', ' = ENODEV'],
  ['6.12', 'mmap mmap_prepare', 'mmap = mapped'],
  ['rfc-proto', 'mmap', 'mmap = mapped'],
  ['rfc-proto', 'mmap_proto', 'mmap_proto = mapped'],
  ['rfc-proto', 'mmap mmap_proto', 'mmap_proto mmap = mapped'],
  ['rfc-proto', 'mmap_prepare', ' = ENODEV'],
  ['6.16', 'mmap', 'mmap = mapped'],
  ['6.16', 'mmap_prepare', 'mmap_prepare = mapped'],
  ['6.16', 'mmap_proto', ' = ENODEV'],
  ['6.16', 'mmap mmap_prepare', ' = ENODEV'],
  ['6.19', 'mmap mmap_prepare', ' = ENODEV'],
  ['7.3', 'mmap mmap_prepare', ' = ENODEV'],
  ['7.3', 'mmap_complete', ' = ENODEV'],
  ['7.3', 'mmap_prepare mmap_complete mmap_abort', 'mmap_prepare = mapped'],
  ['rfc-complete', 'mmap_prepare', 'mmap_prepare = mapped'],
  ['rfc-complete', 'mmap_prepare mmap_complete', 'mmap_prepare mmap_complete = mapped'],
  ['rfc-complete', 'mmap_prepare mmap_complete mmap_abort', 'mmap_prepare mmap_complete = mapped'],
  ['rfc-complete', 'mmap mmap_complete', ' = EINVAL'],
  ['rfc-complete', 'mmap_prepare mmap_abort', ' = EINVAL'],
  ['rfc-complete-6.17', 'mmap_prepare mmap_complete', 'mmap_prepare mmap_complete = mapped'],
])('%s: a file with %s: %s', (release, names, expected) => {
  const hooks = Object.fromEntries(names.split(' ').map((name) => [name, () => 0]))
  expect(hooksOf(linux(release), openFile('f', hooks))).toBe(expected)
})

it('proto: mmap_proto fixes the flags before the merge, .mmap runs on a new VMA only', () => {
  const seen: string[] = []
  const f = openFile('f', {
    mmap_proto: (desc) => {
      seen.push(`proto ${desc.pgoff}`)
      desc.vm_flags |= VM_DONTCOPY
      return 0
    },
    mmap: (_, vma) => {
      seen.push(`mmap ${vma.vm_pgoff} ${(vma.vm_flags & VM_DONTCOPY) !== 0}`)
      return 0
    },
  })
  const { list } = run('rws 0 4 f@0; rws 4 4 f@4', { f }, linux('rfc-proto'))
  expect([list, ...seen]).toEqual(['0-8rws f@0', 'proto 0', 'mmap 0 true', 'proto 4'])
})

it.each([
  ['6.16', 'mmap_prepare close = mapped'],
  ['6.19', 'mmap_prepare close = mapped'],
  ['7.0', 'mmap_prepare close = mapped'],
  ['7.1', 'mmap_prepare mapped close = mapped'],
  ['7.3', 'mmap_prepare mapped close = mapped'],
])('%s: vm_ops->mapped is called or not: %s', (release, expected) => {
  const f = openFile(
    'f',
    describing((desc) => {
      desc.vm_ops = closing
      return 0
    }),
  )
  expect(hooksOf(linux(release), f)).toBe(expected)
})

const asking: Readonly<Record<string, (desc: vm_area_desc) => void>> = {
  'success_hook 0': ({ action }) => Object.assign(action, { success_hook: () => 0 }),
  'success_hook EBUSY': ({ action }) => Object.assign(action, { success_hook: () => -EBUSY }),
  'error_hook EAGAIN': ({ action }) => Object.assign(action, { error_hook: () => -EAGAIN }),
  'error_override EAGAIN': ({ action }) => Object.assign(action, { error_override: -EAGAIN }),
  'error_override 11': ({ action }) => Object.assign(action, { error_override: EAGAIN }),
  'mapped ENXIO': (desc) => Object.assign(desc, { vm_ops: { mapped: () => -ENXIO } }),
  remap: (desc) => mmap_action_remap_full(desc, 9),
  'simple_ioremap of 1 page': (desc) => mmap_action_simple_ioremap(desc, 0, PAGE_SIZE),
}

it.each([
  ['6.19', 'success_hook 0', 'mmap_prepare success_hook close = mapped'],
  ['6.19', 'success_hook EBUSY', 'mmap_prepare success_hook close = EBUSY'],
  ['7.1', 'success_hook EBUSY', 'mmap_prepare mapped success_hook close = EBUSY'],
  ['7.2', 'success_hook EBUSY', 'mmap_prepare mapped close = mapped'],
  ['7.3', 'success_hook EBUSY', 'mmap_prepare mapped close = mapped'],
  ['7.1', 'error_hook EAGAIN', 'mmap_prepare mapped close = mapped'],
  ['7.1', 'mapped ENXIO, error_hook EAGAIN', 'mmap_prepare mapped = EAGAIN'],
  ['7.1', 'mapped ENXIO, error_override EAGAIN', 'mmap_prepare mapped = ENXIO'],
  ['7.2', 'mapped ENXIO, error_override EAGAIN', 'mmap_prepare mapped = EAGAIN'],
  ['7.2', 'mapped ENXIO, error_hook EAGAIN', 'mmap_prepare mapped = ENXIO'],
  ['7.3', 'error_override 11', 'mmap_prepare = EINVAL'],
  ['6.19', 'remap', 'mmap_prepare close = mapped'],
  ['6.19', 'simple_ioremap of 1 page', 'mmap_prepare close = mapped'],
  ['7.1', 'simple_ioremap of 1 page', 'mmap_prepare = EINVAL'],
])('%s: a description with %s: %s', (release, words, expected) => {
  const f = openFile(
    'f',
    describing((desc) => {
      desc.vm_ops = closing
      for (const word of words.split(', ')) asking[word]?.(desc)
      return 0
    }),
  )
  expect(hooksOf(linux(release), f)).toBe(expected)
})

it('warns of an action, or a field of it, that the release lacks; strict throws', () => {
  const f = openFile('f', {
    mmap_prepare: (desc) => {
      desc.action.error_override = -EAGAIN
      return 0
    },
  })
  const warnings: unknown[] = []
  const mm = new Mm(linux('7.1'))
  mm.listener = (name, subject) => name === 'warn' && warnings.push(subject)
  const request = { addr: BASE, len: PAGE_SIZE, prot: 1, flags: 0x11, file: f }
  mm.mmap(request)
  expect(warnings).toEqual(['action.error_override is not in Linux 7.1.13: ignored'])
  expect(() => new Mm(linux('7.1', { strict: true })).mmap(request)).toThrow(String(warnings[0]))
})

it.each([
  ['6.19', 'mmap_prepare close = EINVAL'],
  ['7.0.3', 'mmap_prepare close = EINVAL'],
  ['7.0.4', 'mmap_prepare = EINVAL'],
  ['7.3', 'mmap_prepare = EINVAL'],
])('%s: a remap of part of a private writable mapping is refused: %s', (release, expected) => {
  const f = openFile(
    'f',
    describing((desc) => {
      desc.vm_ops = closing
      mmap_action_remap(desc, desc.start, 9, PAGE_SIZE)
      return 0
    }),
  )
  expect(hooksOf(linux(release), f, 0x12)).toBe(expected)
})

it.each([
  ['6.18', 2],
  ['6.19', 1],
  ['7.3', 1],
])('%s: a file put into a description has %i references once mapped', (release, count) => {
  const other = openFile('other', {})
  const f = openFile(
    'f',
    describing((desc) => {
      desc.vm_file = other
      return 0
    }),
  )
  run('rws 0 1 f', { f }, linux(release))
  expect(other.f_count).toBe(count)
})

// Nested hooks: an outer file without description calls the inner file's hook from its .mmap.

/** A file whose .mmap hands the VMA to another file, as fuse passthrough and overlayfs do; `swap`: vm_file too. */
const stacked = (inner: file, before: (vma: { vm_flags: number }) => void = () => {}): file =>
  openFile('outer', {
    mmap: (_, vma) => {
      before(vma)
      return vfs_mmap(inner, vma)
    },
  })

it.each<[string, file_operations, string]>([
  ['6.12', { mmap: () => 0 }, 'mmap mmap = mapped'],
  ['rfc-proto', { mmap: () => 0 }, 'mmap mmap = mapped'],
  ['rfc-proto', { mmap_proto: () => 0 }, 'mmap = EINVAL'],
  ['rfc-proto', { mmap_proto: () => 0, mmap: () => 0 }, 'mmap = EINVAL'],
  ['6.16', { mmap: () => 0 }, 'mmap mmap = mapped'],
  ['6.16', { mmap_prepare: () => 0 }, 'mmap mmap_prepare = mapped'],
  ['6.19', { mmap_prepare: () => 0 }, 'mmap mmap_prepare = mapped'],
  ['7.3', { mmap_prepare: () => 0 }, 'mmap mmap_prepare = mapped'],
  ['7.3', { mmap_prepare: () => -EBUSY }, 'mmap mmap_prepare = EBUSY'],
  [
    'rfc-complete',
    { mmap_prepare: () => 0, mmap_complete: () => 0 },
    'mmap mmap_prepare mmap_complete = mapped',
  ],
  [
    'rfc-complete',
    { mmap_prepare: () => 0, mmap_complete: () => -EBUSY, mmap_abort: () => {} },
    'mmap mmap_prepare mmap_complete = EBUSY',
  ],
])('%s: a stacked file over one with these hooks (%#): %s', (release, hooks, expected) => {
  expect(hooksOf(linux(release), stacked(openFile('inner', hooks)))).toBe(expected)
})

const describesBelow: file_operations = {
  mmap_prepare: (desc) => vfs_mmap_prepare(openFile('inner', { mmap: () => 0 }), desc),
}

it.each<[string, file, string]>([
  ['6.12', stacked(openFile('inner', { mmap_prepare: () => 0 })), 'inner has no mmap:'],
  ['7.3', stacked(openFile('inner', {})), 'inner has no mmap:'],
  ['7.3', openFile('outer', describesBelow), 'inner has no mmap_prepare:'],
])('%s: a stacked file that calls a hook the other has not (%#)', (release, f, message) => {
  expect(() => hooksOf(linux(release), f)).toThrow(`${message} the kernel calls a null pointer`)
})

it('a description made by a call of the hook alone has its action checked and done', () => {
  const leaf = (desc: vm_area_desc): number => {
    mmap_action_simple_ioremap(desc, 0x5000, 2 * PAGE_SIZE)
    return 0
  }
  const bridge = openFile('bridge', {
    mmap: (given, vma) => {
      const desc = compat_set_desc_from_vma(given, vma)
      return leaf(desc) || __compat_vma_mmap(desc, vma)
    },
  })
  const { mm } = run('rs 0 2 f', { f: bridge })
  expect([...mm.pages.within(0, mm.range.task_size)].map(({ frame }) => frame)).toEqual([5])
})

it.each([
  ['6.16', 'added'],
  ['6.18', 'added'],
  ['6.19', 'added'],
  ['7.0', 'assigned'],
  ['7.3', 'assigned'],
])('%s: under a stacked file the described flags are %s', (release, how) => {
  const inner = openFile(
    'inner',
    describing((desc) => {
      desc.vm_flags = (desc.vm_flags & ~VM_MAYWRITE) | VM_DONTCOPY
      return 0
    }),
  )
  const { mm } = run('rs 0 1 o', { o: stacked(inner) }, linux(release))
  const flags = mm.vmas()[0]?.vm_flags ?? 0
  expect([(flags & VM_MAYWRITE) !== 0, (flags & VM_DONTCOPY) !== 0]).toEqual([
    how === 'added',
    true,
  ])
})

it.each([
  ['6.16', 'outer'],
  ['6.17', 'outer'],
  ['6.18', 'inner'],
  ['7.3', 'inner'],
])('%s: the description of a stacked call names the %s file', (release, expected) => {
  let seen = ''
  const inner = openFile(
    'inner',
    describing((desc) => {
      seen = desc.file.name
      return 0
    }),
  )
  run('rs 0 1 o', { o: stacked(inner) }, linux(release))
  expect(seen).toBe(expected)
})

it.each([
  ['6.18', 'null'],
  ['7.0', 'null'],
  ['7.2', 'own'],
  ['7.3', 'own'],
])(
  '%s: under a stacked file vm_ops that the inner hook leaves alone become %s',
  (release, expected) => {
    const own = {}
    const outer = openFile('outer', {
      mmap: (_, vma) => {
        vma.vm_ops = own
        return vfs_mmap(openFile('inner', { mmap_prepare: () => 0 }), vma)
      },
    })
    const { mm } = run('rs 0 1 o', { o: outer }, linux(release))
    expect(mm.vmas()[0]?.vm_ops === own ? 'own' : String(mm.vmas()[0]?.vm_ops)).toBe(expected)
  },
)

it('a failing hook leaves a hole under MAP_FIXED in every era', () => {
  for (const release of [linux('6.12'), ...releases(every)]) {
    const f = openFile(
      'f',
      release.era === legacy ? { mmap: () => -EBUSY } : describing(() => -EBUSY),
    )
    expect([release.name, run('r 0 8; rs 2 4 f = EBUSY', { f }, release).list]).toEqual([
      release.name,
      '0-2r 6-8r',
    ])
  }
})

it('every era keeps the laws over a plain file', () => {
  for (const release of [linux('6.12'), ...releases(every)]) {
    const f = openFile('f', release.era === legacy ? { mmap: () => 0 } : describing(() => 0))
    const { mm, list } = run('rws 0 4 f@0; rws 4 4 f@4; rw 2 2; - 0 1; rw 8 4 f', { f }, release)
    expect([release.name, list]).toEqual([release.name, '1-2rws f@1 2-4rw 4-8rws f@4 8-12rw f@0'])
    unmapAll(mm, { f })
  }
})

// A seventh era, built here: what it takes to add one.

it('takes an era made elsewhere', () => {
  const told: string[] = []
  const announced: Era = {
    ...mapped,
    name: 'announced',
    about: {
      releases: 'none',
      status: 'proposed',
      hooks: 'every stage is told',
      citation: 'this test',
    },
    before_setup: (map) => {
      told.push(`setup of ${map.file?.name}`)
      return complete.before_setup(map)
    },
    complete: (map, vma) => {
      told.push(`complete ${vma.vm_end - vma.vm_start}`)
      return mapped.complete(map, vma)
    },
    abort: () => {
      told.push('abort')
    },
  }
  const release: Release = { ...linux(), name: 'toy', era: announced }
  const f = openFile('f', { mmap_prepare: () => 0 })
  const { mm, list } = run('rs 0 1 f@0; rs 1 1 f@1', { f }, release)
  mm.should_fail = (site) => site === 'vm_area_alloc'
  expect(mm.maybeMmap({ len: PAGE_SIZE, prot: 1, flags: 0x11, file: f }).ok).toBe(false)
  expect([list, ...told]).toEqual([
    '0-2rs f@0',
    'setup of f',
    `complete ${PAGE_SIZE}`,
    'setup of f',
    'setup of f',
    'abort',
  ])
})

it.each(['mm', 'trace', 'figures', 'literate'])('src/%s tests for no era or release', (part) => {
  for (const name of readdirSync(`src/${part}`, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(name)) continue
    const source = readFileSync(`src/${part}/${name}`, 'utf8')
    const tests = /\b(era|release)(\.name)?\s*[!=]==|(era|release)\.name\.|case '(legacy|mapped)'/
    expect([name, source.match(tests)?.[0]]).toEqual([name, undefined])
  }
})
