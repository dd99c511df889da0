// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  do_mmap,
  do_vmi_munmap,
  exit_mmap,
  type file,
  type file_operations,
  i_mmap_assert_write_locked,
  LockError,
  MADV_DONTNEED,
  MADV_GUARD_INSTALL,
  MADV_HUGEPAGE,
  MADV_PAGEOUT,
  MADV_POPULATE_WRITE,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  Mm,
  mmap_assert_locked,
  mmap_assert_write_locked,
  mmap_read_lock,
  mmap_read_unlock,
  mmap_write_downgrade,
  mmap_write_lock,
  mmap_write_unlock,
  openFile,
  PAGE_SIZE,
  remap_file_pages,
  remap_pfn_range,
  sys_mincore,
  sys_msync,
  validate_mm,
  vfs_mmap,
  type vm_operations_struct,
  vma_assert_attached,
  vma_assert_detached,
  vma_assert_locked,
  vma_assert_write_locked,
  vma_start_write,
} from '../../src/mm/index.ts'
import { BASE, describeVma, run } from './program.ts'

const SHORT: Readonly<Record<string, string>> = {
  mmap_write_lock: 'W(',
  mmap_write_unlock: ')W',
  mmap_write_downgrade: 'W>R',
  mmap_read_lock: 'R(',
  mmap_read_unlock: ')R',
  i_mmap_lock_write: 'I(',
  i_mmap_unlock_write: ')I',
  lock_vma_under_rcu: 'V(',
  vma_end_read: ')V',
  vma_end_write_all: 'end',
}

/** What a call does to locks: `W( +0-4 I( )I end )W`, with `+` for vma_start_write and hooks by their names. */
function locksOf(mm: Mm, act: () => unknown): string {
  const told: string[] = []
  mm.listener = (name, subject) => {
    if (SHORT[name]) told.push(SHORT[name])
    else if (name === 'vma_start_write')
      told.push(`+${describeVma(subject as never).split(/[a-z-]*(?: |$)/)[0]}`)
    else if (name.startsWith('call_')) told.push(name.slice('call_'.length))
    else if (name === 'warn') told.push(String(subject))
  }
  try {
    act()
  } finally {
    mm.listener = null
  }
  return told.join(' ')
}

const ops = (vm_ops: vm_operations_struct, more: file_operations = {}): file =>
  openFile('dev', {
    mmap_prepare: (desc) => {
      desc.vm_ops = vm_ops
      return 0
    },
    ...more,
  })
const hidden = openFile('hidden', {
  mmap_prepare: (desc) => {
    desc.vm_ops = { mapped: () => 0 }
    desc.action.hide_from_rmap_until_complete = true
    return 0
  },
})
const stacked = openFile('outer', { mmap: (_, vma) => vfs_mmap(ops({ mapped: () => 0 }), vma) })
const legacy = openFile('legacy', {
  mmap: (_, vma) => remap_pfn_range(vma, vma.vm_start, 5, vma.vm_end - vma.vm_start),
})
/** Does one thing, then another, and gives what the other gives. */
const both = <T>(_: unknown, then: T): T => then
const page = (n: number): number => BASE + n * PAGE_SIZE
const size = (n: number): number => n * PAGE_SIZE
const map = (mm: Mm, file: file, at = 0) =>
  mm.mmap({ addr: page(at), len: size(2), prot: 3, flags: 1 | MAP_FIXED, file })

describe('takes and releases', () => {
  const closing = ops({ close: () => {}, open: () => {}, mapped: () => 0 })
  it.each<[string, string, (mm: Mm) => unknown, string]>([
    ['mmap', '', (mm) => map(mm, closing), 'W( mmap_prepare +0-2 I( )I mapped end )W'],
    ['mmap that merges', 'rw 0 2', (mm) => run_in(mm, 'rw 2 2'), 'W( +0-2 end )W'],
    ['mmap between two', 'rw 0 1; rw 2 1', (mm) => run_in(mm, 'rw 1 1'), 'W( +0-1 +2-3 end )W'],
    ['mmap over another', 'r 0 2', (mm) => run_in(mm, 'rw 0 2'), 'W( +0-2 +0-2 end )W'],
    [
      'mmap hidden from the file',
      '',
      (mm) => map(mm, hidden),
      'W( mmap_prepare +0-2 I( mapped )I end )W',
    ],
    [
      'mmap of a stacked file',
      '',
      (mm) => map(mm, stacked),
      'W( mmap mmap_prepare mapped +0-2 I( )I end )W',
    ],
    [
      'mmap with a legacy hook that remaps',
      '',
      (mm) => map(mm, legacy),
      'W( mmap +0-2 I( )I end )W',
    ],
    ['mmap that is refused', '', (mm) => mm.maybeMmap({ len: 0, prot: 3, flags: 0x22 }), 'W( )W'],
    ['munmap', 'rw 0 4', (mm) => mm.munmap(page(0), size(4)), 'W( +0-4 end W>R )R'],
    ['munmap of nothing', '', (mm) => mm.munmap(page(0), size(4)), 'W( )W'],
    ['munmap of a part', 'rw 0 4', (mm) => mm.munmap(page(0), size(1)), 'W( +0-4 +1-4 end W>R )R'],
    [
      'munmap with close',
      '',
      (mm) => both(map(mm, closing), mm.munmap(page(0), size(2))),
      'W( mmap_prepare +0-2 I( )I mapped end )W W( +0-2 end W>R I( )I close )R',
    ],
    ['munmap that is refused', '', (mm) => mm.maybeMunmap(1, 1), 'W( )W'],
    ['mprotect', 'rw 0 4', (mm) => mm.mprotect(page(0), size(4), 1), 'W( +0-4 end )W'],
    [
      'mprotect of a part',
      'rw 0 4',
      (mm) => mm.mprotect(page(2), size(2), 1),
      'W( +0-4 +0-2 end )W',
    ],
    [
      'mprotect that merges',
      'rw 0 2; r 2 2',
      (mm) => mm.mprotect(page(2), size(2), 3),
      'W( +2-4 +0-2 end )W',
    ],
    [
      'mremap shrinking',
      'rw 0 4',
      (mm) => mm.mremap(page(0), size(4), size(2)),
      'W( +0-4 +0-2 end W>R )R',
    ],
    ['mremap growing', 'rw 0 4', (mm) => mm.mremap(page(0), size(4), size(6)), 'W( +0-4 end )W'],
    [
      'mremap moving',
      'rw 0 4',
      (mm) => mm.mremap(page(0), size(4), size(4), 3, page(8)),
      'W( +0-4 +8-12 end )W',
    ],
    ['brk up', '', (mm) => mm.setBrk(size(4)), 'W( +-256--252 end )W'],
    [
      'brk down',
      '',
      (mm) => both(mm.setBrk(size(4)), mm.setBrk(0)),
      'W( +-256--252 end )W W( +-256--252 end W>R )R',
    ],
    ['mlock', 'rw 0 4', (mm) => mm.mlock(page(0), size(4)), 'W( +0-4 end )W R( )R'],
    ['munlock', 'rw 0 4; lock 0 4', (mm) => mm.munlock(page(0), size(4)), 'W( +0-4 end )W'],
    ['mseal', 'rw 0 4', (mm) => mm.mseal(page(0), size(4)), 'W( +0-4 end )W'],
    [
      'madvise that changes flags',
      'rw 0 4',
      (mm) => mm.madvise(page(0), size(4), MADV_HUGEPAGE),
      'W( +0-4 end )W',
    ],
    ['madvise that reads', 'rw 0 4', (mm) => mm.madvise(page(0), size(4), MADV_PAGEOUT), 'R( )R'],
    [
      'madvise that populates',
      'rw 0 4',
      (mm) => mm.madvise(page(0), size(4), MADV_POPULATE_WRITE),
      'R( )R',
    ],
    ['madvise of one VMA', 'rw 0 4', (mm) => mm.madvise(page(0), size(4), MADV_DONTNEED), 'V( )V'],
    [
      'madvise of two VMAs',
      'rw 0 2; r 2 2',
      (mm) => mm.madvise(page(0), size(4), MADV_DONTNEED),
      'V( )V R( )R',
    ],
    [
      'madvise that needs an anon_vma',
      'rw 0 4',
      (mm) => mm.madvise(page(0), size(4), MADV_GUARD_INSTALL),
      'V( )V R( )R',
    ],
    ['a read fault', 'rw 0 4', (mm) => mm.touch(page(0)), 'V( )V'],
    ['a first write fault', 'rw 0 4', (mm) => mm.touch(page(0), true), 'V( R( )R )V'],
    ['a second write fault', 'rw 0 4; ! 1', (mm) => mm.touch(page(0), true), 'V( )V'],
    [
      'a fault where nothing is',
      '',
      (mm) => expect(() => mm.touch(page(0))).toThrow('mapped'),
      'R( )R',
    ],
    [
      'a fault below a stack',
      '',
      (mm) => both(stack(mm), mm.touch(page(7), true)),
      'W( +8-10 end )W R( )R W( +8-10 end W>R )R',
    ],
    ['fork', 'rw 0 4', (mm) => mm.fork(), 'W( W( +0-4 +0-4 end )W end )W'],
    [
      'fork of a file',
      '',
      (mm) => both(map(mm, closing), mm.fork()),
      'W( mmap_prepare +0-2 I( )I mapped end )W W( W( +0-2 +0-2 open I( )I end )W end )W',
    ],
    ['exit', 'rw 0 4; r 4 4', (mm) => exit_mmap(mm), 'R( )R W( +0-4 +4-8 end )W'],
    ['msync', 'rw 0 4', (mm) => sys_msync(mm, page(0), size(4), 4), 'R( )R'],
    ['mincore', 'rw 0 4', (mm) => sys_mincore(mm, page(0), size(4)), 'R( )R'],
    [
      'remap_file_pages',
      '',
      (mm) => both(map(mm, closing), remap_file_pages(mm, page(0), size(2), 0, 9, 0)),
      'W( mmap_prepare +0-2 I( )I mapped end )W R( )R W( +0-2 I( )I close mmap_prepare +0-2 I( )I mapped end )W R( )R',
    ],
    [
      'adopt',
      '',
      (mm) => mm.adopt({ start: page(0), end: page(4), perms: 'rw-p' }),
      'W( +0-4 end )W',
    ],
  ])('%s', (_, program, act, told) => {
    const { mm } = run(program)
    expect(locksOf(mm, () => act(mm))).toBe(told)
    expect(heldBy(mm)).toEqual(FREE)
  })
})

const FREE = {
  mmap_lock: 0,
  holder: '',
  write_locked_vmas: 0,
  read_locked_vma: null,
  i_mmap_file: null,
  hook: '',
  mmap_lock_of_hook: 0,
}
const heldBy = (mm: Mm) => {
  const { mm_lock_seq, ...held } = mm.locks
  expect(mm_lock_seq % 2).toBe(0)
  return held
}

function run_in(mm: Mm, op: string): void {
  const [perms = '', at, len] = op.split(' ')
  mm.mmap({
    addr: page(Number(at)),
    len: size(Number(len)),
    prot: perms === 'rw' ? 3 : 1,
    flags: 0x32,
  })
}

function stack(mm: Mm): void {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN
  mm.mmap({ addr: page(8), len: size(2), prot: 3, flags })
}

describe('a hook that breaks the rules of a lock', () => {
  const RECURSIVE = 'WARNING: possible recursive locking detected: &mm->mmap_lock'
  const UNBALANCED = 'WARNING: bad unlock balance detected: &mm->mmap_lock'
  const anywhere = { len: 4096, prot: 3, flags: 0x22 }
  it.each<[string, (mm: Mm) => void, string, string]>([
    [
      'maps',
      (mm) => mm.mmap(anywhere),
      RECURSIVE,
      'mmap() waits for ever: mmap_lock is held for writing by mmap(), which runs HOOK',
    ],
    ['unmaps', (mm) => mm.munmap(0, 4096), RECURSIVE, 'munmap() waits for ever'],
    ['protects', (mm) => mm.mprotect(0, 4096, 1), RECURSIVE, 'mprotect() waits for ever'],
    ['forks', (mm) => mm.fork(), RECURSIVE, 'fork() waits for ever'],
    ['reads', (mm) => mmap_read_lock(mm), RECURSIVE, 'mmap_read_lock() waits for ever'],
    ['locks', (mm) => mmap_write_lock(mm), RECURSIVE, 'mmap_write_lock() waits for ever'],
    [
      'unlocks',
      (mm) => mmap_write_unlock(mm),
      UNBALANCED,
      'a hook must not release it: mmap() goes on to change what the lock protects',
    ],
    ['downgrades', (mm) => mmap_write_downgrade(mm), UNBALANCED, 'a hook must not release it'],
    [
      'hides it',
      (mm) => {
        try {
          mm.munmap(0, 4096)
        } catch {}
      },
      RECURSIVE,
      'munmap() waits for ever',
    ],
  ])('%s', (_, breaks, printed, told) => {
    const hooks: Readonly<Record<string, (mm: Mm) => file>> = {
      'mmap_prepare of dev': (mm) => ops({}, { mmap_prepare: () => both(breaks(mm), 0) }),
      mapped: (mm) => ops({ mapped: () => both(breaks(mm), 0) }),
      'mmap of dev': (mm) => openFile('dev', { mmap: () => both(breaks(mm), 0) }),
    }
    for (const [hook, fileFor] of Object.entries(hooks)) {
      const { mm } = run('rw 0 4; r 4 4')
      const dev = fileFor(mm)
      const heard = locksOf(mm, () =>
        expect(() => map(mm, dev, 3)).toThrow(
          expect.objectContaining({
            name: 'LockError',
            message: expect.stringContaining(told.replace('HOOK', hook)),
          }),
        ),
      )
      expect(heard).toContain(printed)
      expect(heldBy(mm)).toEqual(FREE)
      expect(validate_mm(mm)).toEqual([])
      mm.exit()
      expect([dev.f_count, dev.f_mapping.i_mmap.size]).toEqual([1, 0])
    }
  })

  it('may not map the file that it hides', () => {
    const [one, other] = [new Mm(linux()), new Mm(linux())]
    const dev: file = openFile('dev', {
      mmap_prepare: (desc) => {
        desc.action.hide_from_rmap_until_complete = desc.mm === one
        desc.vm_ops = { mapped: () => both(desc.mm === one && map(other, dev), 0) }
        return 0
      },
    })
    expect(() => map(one, dev)).toThrow('i_mmap_lock_write() of dev waits for ever')
    expect([heldBy(one), heldBy(other), dev.f_mapping.i_mmap_rwsem]).toEqual([FREE, FREE, 0])
    expect([...validate_mm(one), ...validate_mm(other)]).toEqual([])
  })

  it('may take mmap_lock where nobody holds it, and must release it', () => {
    const { mm } = run('')
    const dev = (fsync: () => number) => openFile('dev', { mmap_prepare: () => 0, fsync })
    map(
      mm,
      dev(() => both(mm.mmap(anywhere), 0)),
      0,
    )
    map(
      mm,
      dev(() => both(mmap_write_lock(mm), 0)),
      4,
    )
    expect(sys_msync(mm, page(0), size(2), 4)).toBe(0)
    expect(locksOf(mm, () => sys_msync(mm, page(4), size(2), 4))).toBe(
      'R( )R W( WARNING: lock held when returning: &mm->mmap_lock, from fsync of dev )W',
    )
    expect(mm.thrown?.error).toBeInstanceOf(LockError)
    expect(heldBy(mm)).toEqual(FREE)
  })
})

describe('without the lock', () => {
  const vmaOf = (mm: Mm) => mm.vmas()[0]!
  it.each<[string, (mm: Mm) => unknown, string]>([
    ['mmap_assert_locked', (mm) => mmap_assert_locked(mm), 'needs mmap_lock held for reading'],
    [
      'mmap_assert_write_locked',
      (mm) => mmap_assert_write_locked(mm),
      'call mmap_write_lock(mm) before',
    ],
    [
      'vma_assert_write_locked',
      (mm) => vma_assert_write_locked(vmaOf(mm)),
      'is not locked: call vma_start_write',
    ],
    ['vma_assert_locked', (mm) => vma_assert_locked(vmaOf(mm)), 'is not locked'],
    ['vma_assert_detached', (mm) => vma_assert_detached(vmaOf(mm)), 'is in the tree'],
    [
      'vma_start_write',
      (mm) => vma_start_write(vmaOf(mm)),
      'vma_start_write() needs mmap_lock held for writing',
    ],
    [
      'do_vmi_munmap',
      (mm) => do_vmi_munmap(mm, page(0), size(1)),
      'do_vmi_munmap() needs mmap_lock held for writing, and nobody holds it',
    ],
    ['do_mmap', (mm) => do_mmap(mm, null, 0, 4096, 3, 0x22, 0), 'do_mmap() needs mmap_lock'],
    [
      'remap_pfn_range',
      (mm) => remap_pfn_range(vmaOf(mm), page(0), 1, 4096),
      'needs mmap_lock held for writing',
    ],
    [
      'mmap_write_unlock',
      (mm) => mmap_write_unlock(mm),
      'mmap_lock is free: take it that way first',
    ],
    ['mmap_read_unlock', (mm) => mmap_read_unlock(mm), 'mmap_lock is free'],
    [
      'i_mmap_assert_write_locked',
      () => i_mmap_assert_write_locked(hidden.f_mapping),
      'nobody holds i_mmap_rwsem',
    ],
  ])('%s is an error', (_, act, told) => {
    const { mm } = run('rw 0 4')
    expect(() => act(mm)).toThrow(
      expect.objectContaining({ name: 'LockError', message: expect.stringContaining(told) }),
    )
    expect(heldBy(mm)).toEqual(FREE)
    expect(validate_mm(mm)).toEqual([])
  })

  it('a cell that holds it calls what wants it held, not the system call', () => {
    const { mm } = run('rw 0 4')
    mmap_write_lock(mm)
    expect(() => mm.munmap(page(0), size(1))).toThrow(
      'munmap() waits for ever: mmap_lock is held for writing by mmap_write_lock(); release it first (mmap_write_unlock(mm))',
    )
    expect(() => mm.touch(page(0))).not.toThrow()
    expect(do_vmi_munmap(mm, page(0), size(1))).toBe(0)
    expect(() => vma_assert_attached(vmaOf(mm))).not.toThrow()
    expect(() => mm.touch(page(1))).toThrow('a page fault waits for ever')
    mmap_write_unlock(mm)
    expect(() => mm.touch(page(1))).not.toThrow()
    expect(heldBy(mm)).toEqual(FREE)
  })

  it('is released when a listener throws half-way through', () => {
    const { mm } = run('rw 0 4')
    mm.listener = (name) => {
      if (name === 'vma_iter_store') throw new Error('stop')
    }
    expect(() => map(mm, hidden)).toThrow('stop')
    mm.listener = null
    expect([heldBy(mm), hidden.f_mapping.i_mmap_rwsem]).toEqual([FREE, 0])
  })
})
