// SPDX-License-Identifier: GPL-2.0-only
// The error numbers that the mmap path returns, and the names of all. Linux: include/uapi/asm-generic/errno-base.h,
// errno.h

/** Operation not permitted: a seal, a write-sealed file, a missing capability. */
export const EPERM = 1
/** No such file or directory. */
export const ENOENT = 2
/** I/O error. */
export const EIO = 5
/** No such device or address. */
export const ENXIO = 6
/** Bad file descriptor. */
export const EBADF = 9
/** Try again: a lock limit. */
export const EAGAIN = 11
/** Out of memory, too many mappings, or nothing mapped where something must be. */
export const ENOMEM = 12
/** Permission denied: the file's mode or a VM_MAY* flag forbids it. */
export const EACCES = 13
/** Bad address. */
export const EFAULT = 14
/** Device or resource busy. */
export const EBUSY = 16
/** Something is mapped there already (MAP_FIXED_NOREPLACE). */
export const EEXIST = 17
/** No such device: the file has no mmap hook. */
export const ENODEV = 19
/** Invalid argument. */
export const EINVAL = 22
/** Text file busy. */
export const ETXTBSY = 26
/** No protection key is left. */
export const ENOSPC = 28
/** Value too large: offset plus length overflow. */
export const EOVERFLOW = 75
/** Operation not supported: a flag that MAP_SHARED_VALIDATE does not know. */
export const EOPNOTSUPP = 95

/** Names by number, from 0 on; `-` where there is none. Linux: include/uapi/asm-generic/errno-base.h, errno.h */
const generic: readonly string[] = `
  - EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV
  ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
  ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT
  EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV
  ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX
  ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT
  ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET
  ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH
  EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY
  EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON`
  .trim()
  .split(/\s+/)

/** Those that never reach a process, but that a hook may return. Linux: include/linux/errno.h */
const within: readonly (readonly [number, string])[] = [
  [512, 'ERESTARTSYS'],
  [513, 'ERESTARTNOINTR'],
  [514, 'ERESTARTNOHAND'],
  [515, 'ENOIOCTLCMD'],
  [517, 'EPROBE_DEFER'],
  [524, 'ENOTSUPP'],
]

const names: ReadonlyMap<number, string> = new Map(
  [...generic.entries(), ...within].filter(([, name]) => name !== '-'),
)

/** The name of an error number of either sign: `ENOMEM` for 12 and for -12; an unknown one is `errno 777`. */
export function errno_name(errno: number): string {
  return names.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`
}

/** The number of an error name: 12 for `ENOMEM`; undefined for a name that is none of them. */
export function errno_number(name: string): number | undefined {
  for (const [number, known] of names) if (known === name) return number
  return undefined
}

/** Is `value`, as a kernel function returned it, an error? Linux: include/linux/err.h:IS_ERR_VALUE() */
export function is_err(value: number): boolean {
  return value < 0
}
