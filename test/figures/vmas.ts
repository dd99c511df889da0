// SPDX-License-Identifier: GPL-2.0-only
import type { FigureVma, LayoutFigure } from '../../src/trace/index.ts'

const PAGE = 4096
const FOLDED = 0x10000000

/**
 * VMAs from a strip: `strip('AAA..BB//Cx400', { B: 'rw-s 3 /dev/demo IO,PFNMAP' })`. A letter (with primes) is a page, a
 * dot a free page, `x400` repeats what is before it, `//` is 256 MiB. About a letter: permissions, pgoff, name, flags.
 */
export function strip(
  text: string,
  about: Readonly<Record<string, string>> = {},
  at = 0x10000,
): FigureVma[] {
  const vmas: { id: string; start: number; end: number }[] = []
  let address = at
  for (const [, id = '', count = '1'] of text.matchAll(/(\/\/|\.|[A-Z]′?)(?:x(\d+))?/g)) {
    const start = address
    address += id === '//' ? FOLDED : Number(count) * PAGE
    const last = vmas.at(-1)
    if (/[A-Z]/.test(id)) {
      if (last?.id === id && last.end === start) last.end = address
      else vmas.push({ id, start, end: address })
    }
  }
  return vmas.map((vma) => {
    const [perms = 'rw-p', pgoff = '0', name = '', flags = ''] = (about[vma.id] ?? '').split(' ')
    return {
      ...vma,
      perms: perms || 'rw-p',
      pgoff: Number(pgoff),
      ...(name && { name: name.replace('+', ' ') }),
      ...(flags && { flags: flags.split(',') }),
    }
  })
}

/** A layout figure of VMAs, or of a strip. */
export function figure(
  vmas: string | readonly FigureVma[],
  options: LayoutFigure['options'] = {},
): LayoutFigure {
  return { kind: 'layout', data: { vmas: typeof vmas === 'string' ? strip(vmas) : vmas }, options }
}

/** VMAs of /proc/PID/maps text. */
export function maps(text: string): FigureVma[] {
  const line = /^([\da-f]+)-([\da-f]+) (\S{4}) ([\da-f]+) \S+ \d+ *(.*)$/gm
  return [...text.matchAll(line)].map(
    ([, start = '', end = '', perms = '', offset = '', name], i) => ({
      id: `V${i + 1}`,
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      perms,
      pgoff: Number.parseInt(offset, 16) / PAGE,
      ...(name && { name }),
    }),
  )
}

/** As many VMAs as asked for: libraries of five, drivers and anonymous memory, with gaps, the same ones each time. */
export function many(count: number): FigureVma[] {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  let address = 0x7f0000000000
  return Array.from({ length: count }, (_, i) => {
    const part = i % 7
    if (part === 0 || part === 5) address += random(4) * PAGE
    const start = address
    address += (1 + random(part === 1 ? 200 : 12)) * PAGE
    const common = { id: `V${i + 1}`, start, end: address, pgoff: 0 }
    if (part === 6 && i % 3 === 0)
      return { ...common, perms: 'rw-s', name: `/dev/demo${i % 4}`, flags: ['IO', 'PFNMAP'] }
    if (part > 4) return { ...common, perms: part === 5 ? 'rw-p' : '---p' }
    const perms = ['r--p', 'r-xp', 'r--p', 'r--p', 'rw-p'][part] ?? 'r--p'
    return { ...common, perms, pgoff: part, name: `/usr/lib/libdemo-${Math.floor(i / 7)}.so.1.0` }
  })
}

/** An invented process that maps a driver's device. */
export const DEMO_MAPS = `\
558e3a000000-558e3a001000 r--p 00000000 08:01 1001 /usr/bin/capture
558e3a001000-558e3a006000 r-xp 00001000 08:01 1001 /usr/bin/capture
558e3a006000-558e3a008000 r--p 00006000 08:01 1001 /usr/bin/capture
558e3a008000-558e3a009000 r--p 00007000 08:01 1001 /usr/bin/capture
558e3a009000-558e3a00a000 rw-p 00008000 08:01 1001 /usr/bin/capture
558e5c2f0000-558e5c311000 rw-p 00000000 00:00 0 [heap]
7f2a3c000000-7f2a3c021000 rw-p 00000000 00:00 0
7f2a3c021000-7f2a40000000 ---p 00000000 00:00 0
7f2a44000000-7f2a44100000 rw-s 00000000 00:05 12 /dev/zero (deleted)
7f2a44100000-7f2a44101000 ---p 00000000 00:00 0
7f2a44101000-7f2a44901000 rw-p 00000000 00:00 0 [anon:capture thread]
7f2a44901000-7f2a44927000 r--p 00000000 08:01 2001 /usr/lib/libc.so.6
7f2a44927000-7f2a44a7c000 r-xp 00026000 08:01 2001 /usr/lib/libc.so.6
7f2a44a7c000-7f2a44acf000 r--p 0017b000 08:01 2001 /usr/lib/libc.so.6
7f2a44acf000-7f2a44ad3000 r--p 001ce000 08:01 2001 /usr/lib/libc.so.6
7f2a44ad3000-7f2a44ad5000 rw-p 001d2000 08:01 2001 /usr/lib/libc.so.6
7f2a44ad5000-7f2a44ae2000 rw-p 00000000 00:00 0
7f2a44ae9000-7f2a44aea000 rw-s 00000000 00:06 88 /dev/video0
7f2a44aea000-7f2a44bea000 rw-s 00100000 00:06 88 /dev/video0
7f2a44bea000-7f2a44bed000 rw-s 00000000 00:0f 9 anon_inode:kvm-vcpu:0
7f2a44bed000-7f2a44bef000 rw-p 00000000 00:00 0
7f2a44bef000-7f2a44bf0000 rwxp 00000000 08:01 2002 /home/user/a plugin with spaces in its name.so
7f2a44bf0000-7f2a44bf1000 r--p 00000000 08:01 2003 /usr/lib/ld-linux-x86-64.so.2
7f2a44bf1000-7f2a44c16000 r-xp 00001000 08:01 2003 /usr/lib/ld-linux-x86-64.so.2
7f2a44c16000-7f2a44c20000 r--p 00026000 08:01 2003 /usr/lib/ld-linux-x86-64.so.2
7f2a44c20000-7f2a44c22000 r--p 00030000 08:01 2003 /usr/lib/ld-linux-x86-64.so.2
7f2a44c22000-7f2a44c24000 rw-p 00032000 08:01 2003 /usr/lib/ld-linux-x86-64.so.2
7ffd1c2a0000-7ffd1c2c1000 rw-p 00000000 00:00 0 [stack]
7ffd1c3d4000-7ffd1c3d8000 r--p 00000000 00:00 0 [vvar]
7ffd1c3d8000-7ffd1c3da000 r-xp 00000000 00:00 0 [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
`
