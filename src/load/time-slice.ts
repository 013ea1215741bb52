/**
 * Asks the scheduler for short turns. A thread of a load runs for a fraction of each millisecond, and wants its turn at
 * once: who asks for short slices (Linux 6.12, sched_setattr(2)) comes before those who want long ones, and needs no privilege for
 * it. Older kernels take no notice.
 */
import type { Libc } from '../transport/libc.js'

/** The shortest that there is. */
export const SLICE_NS = 100_000n

/** sched_setattr and sched_getattr. */
const CALLS: Readonly<Record<string, readonly [set: number, get: number]>> = { x64: [314, 315], arm64: [274, 275] }
// struct sched_attr: its size (4), policy (4), flags (8), nice (4), priority (4), runtime (8), deadline (8), period (8).
const ATTRIBUTES_BYTES = 48
const [POLICY, RUNTIME] = [4, 24]
const SCHED_OTHER = 0

/** Of the calling thread. @returns the slice that it has, ns; undefined where the kernel does not tell, or the policy is not the usual one */
export function timeSliceOf(libc: Libc): bigint | undefined {
  const attributes = read(libc)
  return attributes?.readUInt32LE(POLICY) === SCHED_OTHER ? attributes.readBigUInt64LE(RUNTIME) : undefined
}

/** Of the calling thread, which keeps its policy and its nice value. */
export function takeShortTurns(libc: Libc): void {
  const [set] = CALLS[process.arch] ?? []
  const attributes = read(libc)
  if (set === undefined || attributes?.readUInt32LE(POLICY) !== SCHED_OTHER) return
  attributes.writeUInt32LE(ATTRIBUTES_BYTES, 0)
  attributes.writeBigUInt64LE(SLICE_NS, RUNTIME)
  libc.syscall(set, 0, libc.addressOf(attributes), 0, 0)
}

function read(libc: Libc): Buffer | undefined {
  const [, get] = CALLS[process.arch] ?? []
  const attributes = Buffer.allocUnsafeSlow(ATTRIBUTES_BYTES).fill(0)
  if (get === undefined || libc.syscall(get, 0, libc.addressOf(attributes), ATTRIBUTES_BYTES, 0) !== 0) return undefined
  return attributes
}
