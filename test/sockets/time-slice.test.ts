import { getPriority, release } from 'node:os'
import { expect, test } from 'vitest'
import { SLICE_NS, takeShortTurns, timeSliceOf } from '../../src/load/time-slice.js'
import { loadLibc } from '../../src/transport/libc.js'

const libc = loadLibc()
const [major = 0, minor = 0] = release().split('.').map(Number)

test.skipIf(libc === undefined)('a thread asks for short turns, and is as nice as before', () => {
  const nice = getPriority()
  takeShortTurns(libc!)
  expect(getPriority()).toBe(nice)
  // Since Linux 6.12 the kernel says what it was asked for.
  if (major > 6 || (major === 6 && minor >= 12)) expect(timeSliceOf(libc!)).toBe(SLICE_NS)
})
