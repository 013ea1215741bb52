/** Calls over TCP as capture files have them: out of order, sent again, with bytes missing, from their middle on, each packet twice. */
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../../src/capture/read-capture.js'
import { judgeCapture } from '../../../src/judge/judge.js'
import { A, B, pcap, tcp } from '../capture/files.js'
import { ack, bye, byeOk, type Hop, invite, ok, sip } from './capture-of.js'

const [PHONE, SERVER] = [`${A.address}:${A.port}`, `${B.address}:${B.port}`]
const hop: Hop = { caller: PHONE, callee: SERVER }
const media = (address: string) => ({ address, port: 4000 })

/** The call's messages, each cut into packets of 300 bytes. */
function packets() {
  const next = { [PHONE]: 1001, [SERVER]: 5001 }
  const over = (text: string) => text.replaceAll('SIP/2.0/UDP', 'SIP/2.0/TCP')
  const messages = [
    sip(0, PHONE, SERVER, over(invite(hop, media(A.address)))),
    sip(1_000, SERVER, PHONE, over(ok(hop, SERVER, media(B.address)))),
    sip(1_010, PHONE, SERVER, over(ack(hop, SERVER))),
    sip(9_000, PHONE, SERVER, over(bye(hop, SERVER))),
    sip(9_020, SERVER, PHONE, over(byeOk(hop))),
  ]
  return messages.flatMap(({ at, from, to, data }) => {
    const parts: { at: number; data: Buffer }[] = []
    for (let offset = 0; offset < data.length; offset += 300) {
      const part = data.subarray(offset, offset + 300)
      const [ends, acknowledged] = [from === PHONE ? ([A, B] as const) : ([B, A] as const), next[to] ?? 0]
      parts.push({ at, data: tcp(...ends, 'PA', next[from] ?? 0, part, acknowledged) })
      next[from] = (next[from] ?? 0) + part.length
    }
    return parts
  })
}
type Packets = ReturnType<typeof packets>

const hands = [tcp(A, B, 'S', 1000), tcp(B, A, 'SA', 5000, '', 1001)].map((data) => ({ at: 0, data }))

const judged = (all: Packets) =>
  judgeCapture(
    readCapture(pcap(all.map(({ at, data }, nth) => ({ data, nanoseconds: 1_000_000 * at + 1_000 * nth })))),
    { server: { host: B.address } },
  )
const fails = ({ findings }: ReturnType<typeof judged>) => findings.filter(({ severity }) => severity === 'fail')

test('a call is read whole from packets out of order, and sent again', () => {
  const all = packets()
  const turned = all.map((one, nth) => ({ ...one, data: all[nth % 2 === 0 ? nth + 1 : nth - 1]?.data ?? one.data }))
  for (const one of [all, turned, all.flatMap((packet) => [packet, { ...packet, at: packet.at + 2 }])]) {
    const { calls, counts, limits, ...rest } = judged([...hands, ...one])
    expect(calls[0]?.outcome).toContain('answered; ended after 8')
    expect(counts['messages']).toBe(5)
    expect(limits.filter((text) => text.includes('missing'))).toEqual([])
    expect(fails({ calls, counts, limits, ...rest })).toEqual([])
  }
})

describe('what the capture lacks is said not to be in it, and is nobody’s fault', () => {
  const all = packets()
  test.each(all.map((_, nth) => [nth + 1]))('packet %i', (nth) => {
    const one = judged([...hands, ...all.filter((_, index) => index !== nth - 1)])
    expect(fails(one)).toEqual([])
    // Of what is missing at the very end of either direction nothing tells.
    if (nth < all.length - 1)
      expect(one.limits).toContainEqual(expect.stringMatching(/^Bytes are missing in 1 connection/))
  })
  test.each(all.map((_, nth) => [nth + 1]))('all before packet %i', (nth) => {
    expect(fails(judged(all.slice(nth)))).toEqual([])
  })
})
