import { describe, expect, it } from 'vitest'
import type { EstablishedCall } from '../../../src/scenario/device.js'
import { onlyWhereRelayed } from '../../../src/scenario/stage.js'

const sdp = (address: string, port: number) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`
const alice = sdp('192.0.2.1', 40_000)
const bob = sdp('192.0.2.2', 40_000)
const relay = sdp('198.51.100.1', 30_000)

/** A call as the two ends saw it: what the caller was told, and what the callee was told. */
const call = (atCaller: string | undefined, atCallee: string): EstablishedCall =>
  Object.assign(JSON.parse('{}'), {
    caller: { localSdp: alice, remoteSdp: atCaller },
    callee: { localSdp: bob, remoteSdp: atCallee },
  })

describe('what is about relays', () => {
  it.each([
    ['both are relayed', relay, relay],
    ['one direction is', relay, alice],
    ['the other is', bob, relay],
    ['a description is missing', undefined, alice],
    ['another port of the same device is named', sdp('192.0.2.2', 40_002), alice],
  ])('is looked at where %s', (_, atCaller, atCallee) => {
    expect(() => onlyWhereRelayed(call(atCaller, atCallee))).not.toThrow()
  })

  it('is not applicable where each device is told the address of the other', () => {
    expect(() => onlyWhereRelayed(call(bob, alice))).toThrow(
      expect.objectContaining({ verdict: 'not applicable', code: 'relays-no-media' }),
    )
  })
})
