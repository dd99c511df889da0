// SPDX-License-Identifier: GPL-2.0-only
// Boots a kernel in QEMU with a program as its only process, and gives back what that wrote.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Unavailable } from './archive.mjs'

const MEGABYTES = 256

/** Throws Unavailable unless there is a QEMU and what the program needs to be built. */
export function ensureQemu() {
  if (spawnSync('qemu-system-x86_64', ['--version']).error)
    throw new Unavailable(
      'there is no qemu-system-x86_64 here: install the package qemu-system-x86',
    )
}

/**
 * A cpio archive in the form `newc`, which a kernel unpacks as its first file system.
 *
 * @param files [{name, data, mode}], without folders
 */
export function initramfs(files) {
  const field = (value) => value.toString(16).padStart(8, '0')
  const pad = (buffer) => Buffer.concat([buffer, Buffer.alloc(-buffer.length & 3)])
  const entry = ({ name, data, mode }, number) => {
    const fields = [number + 1, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length + 1, 0]
    const header = Buffer.from(`070701${fields.map(field).join('')}${name}\0`)
    return Buffer.concat([pad(header), pad(data)])
  }
  const trailer = { name: 'TRAILER!!!', data: Buffer.alloc(0), mode: 0 }
  return Buffer.concat([...files, trailer].map(entry))
}

const packers = [
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'xz', ['-dc']],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'zstd', ['-dc']],
  [Buffer.from([0x1f, 0x8b]), 'gzip', ['-dc']],
  [Buffer.from([0x02, 0x21, 0x4c, 0x18]), 'lz4', ['-dc']],
]

/** The kernel out of a bzImage, which saves the emulated processor the unpacking; or the image, if that fails. */
async function bootable(kernel) {
  const path = join(kernel.folder, 'vmlinux')
  if (existsSync(path)) return path
  const image = await readFile(kernel.image)
  const setup = image[0x1f1] || 4
  const from = (setup + 1) * 512 + image.readUInt32LE(0x248)
  const payload = image.subarray(from, from + image.readUInt32LE(0x24c))
  for (const [magic, command, args] of packers) {
    if (!payload.subarray(0, magic.length).equals(magic)) continue
    const { stdout, error } = spawnSync(command, args, { input: payload, maxBuffer: 2 ** 28 })
    if (error || stdout.readUInt32BE(0) !== 0x7f454c46) break
    await writeFile(path, stdout)
    return path
  }
  return kernel.image
}

/**
 * Boots and resolves to {lines, status}: what the console showed, and QEMU's exit status (33 when the program has ended
 * it), or null when it had to be stopped.
 *
 * @param blob {address, path}: bytes to be found in memory that the kernel leaves alone
 * @param seconds how long it may take
 */
export async function boot(kernel, archive, blob, seconds) {
  const words = [
    'console=ttyS0 panic=-1 oops=panic quiet loglevel=1 mitigations=off tsc=reliable',
    `memmap=64K$0x${blob.address.toString(16)}`,
  ]
  // KVM may be there and hang: the emulator is slower and sure.
  const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-monitor', 'none']
  args.push('-serial', 'stdio', '-no-reboot', '-accel', 'tcg', '-cpu', 'max', '-m', `${MEGABYTES}`)
  args.push('-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04')
  args.push('-device', `loader,file=${blob.path},addr=0x${blob.address.toString(16)},force-raw=on`)
  args.push('-kernel', await bootable(kernel), '-initrd', archive, '-append', words.join(' '))
  const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (data) => (text += data))
  child.stderr.on('data', (data) => (text += data))
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearTimeout(timer)
  return { lines: text.replaceAll('\r', '').split('\n'), status }
}
