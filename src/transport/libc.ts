/**
 * System calls of Linux without Node in between, through koffi where it is installed. Addresses are numbers; whoever gives
 * one away holds on to the memory behind it.
 */
import { createRequire } from 'node:module'

export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: number, length: number): number
  setsockopt(fd: number, level: number, name: number, value: number, length: number): number
  getsockname(fd: number, address: number, length: number): number
  close(fd: number): number
  sendto(fd: number, data: number, length: number, flags: number, to: number, toLength: number): number
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number
  clock_gettime(which: number, time: number): number
  /** A call that libc has no name for; its arguments are a number, an address and two numbers. */
  syscall(number: number, first: number, address: number, third: number, fourth: number): number
  /** Of the last call that returned -1. */
  errno(): number
  /** Where the bytes of a buffer are that `allocUnsafeSlow` made. They stay there as long as it is held on to. */
  addressOf(buffer: Buffer): number
}

/** As far as it is used here. */
interface Koffi {
  load(path: null): { func(declaration: string): (...values: number[]) => number }
  errno(): number
  address(buffer: Buffer): bigint
}

/** Whose structures have the layouts that users of this know. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64']

/** Undefined elsewhere than on 64-bit Linux, and without koffi. */
export function loadLibc(): Libc | undefined {
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) return undefined
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an optional package
    const koffi = createRequire(import.meta.url)('koffi') as Koffi
    // The libc that Node itself runs on, glibc or musl.
    const library = koffi.load(null)
    return {
      socket: library.func('int socket(int domain, int type, int protocol)'),
      bind: library.func('int bind(int fd, uintptr_t address, uint32_t n)'),
      setsockopt: library.func('int setsockopt(int fd, int level, int name, uintptr_t value, uint32_t n)'),
      getsockname: library.func('int getsockname(int fd, uintptr_t address, uintptr_t n)'),
      close: library.func('int close(int fd)'),
      sendto: library.func('intptr_t sendto(int fd, uintptr_t data, size_t n, int flags, uintptr_t to, uint32_t toN)'),
      recvmmsg: library.func('int recvmmsg(int fd, uintptr_t messages, uint32_t n, int flags, uintptr_t timeout)'),
      clock_gettime: library.func('int clock_gettime(int which, uintptr_t time)'),
      syscall: library.func('long syscall(long number, long a, uintptr_t b, long c, long d)'),
      errno: () => koffi.errno(),
      addressOf: (buffer) => Number(koffi.address(buffer)),
    }
  } catch {
    return undefined
  }
}
