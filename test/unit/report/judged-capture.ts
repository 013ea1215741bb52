/** A capture of calls that go wrong in several ways, whose every text is hostile: what a page of it may show. */
import { judgeCapture } from '../../../src/judge/judge.js'
import type { JudgeResult } from '../../../src/result/judge-result.js'
import { ack, audio, bye, byeOk, captureOf, type Hop, invite, ok, sip } from '../judge/capture-of.js'

const PHONE = '203.0.113.7:5060'
const SERVER = '198.51.100.1:5060'
const AGAIN = [0, 500, 1_500, 3_500, 7_500, 11_500]

/** @param hostile text for each place where others write; no line breaks */
export function judgedCapture(hostile: string): JudgeResult {
  const lost: Hop = { caller: PHONE, callee: SERVER, callId: `lost-${hostile}` }
  const silent: Hop = { ...lost, callId: `silent-${hostile}` }
  const refused: Hop = { ...lost, callId: `refused-${hostile}` }
  const contact = '192.168.1.20:5060'
  const [ours, theirs] = [
    { address: '203.0.113.7', port: 4000 },
    { address: '198.51.100.9', port: 20_000 },
  ]
  const other = { address: '203.0.113.7', port: 4002 }
  const named = (text: string) =>
    text
      .replaceAll('sip:1001@example.org', `sip:${hostile.replaceAll(/[\s<>;?]/g, '')}@example.org`)
      .replace('s=-', `s=${hostile}`)
      .replace('Max-Forwards', `Subject: ${hostile}\nUser-Agent: ${hostile}\nMax-Forwards`)
  const refusal = named(ok(refused, SERVER, theirs)).replace('200 OK', `486 ${hostile}`)
  const judged = judgeCapture(
    {
      ...captureOf([
        sip(0, PHONE, SERVER, named(invite(lost, ours))),
        AGAIN.map((at) => sip(1_000 + at, SERVER, PHONE, named(ok(lost, contact, theirs)))),
        AGAIN.map((at) => sip(1_010 + at, PHONE, contact, named(ack(lost, contact)))),
        sip(20_000, PHONE, SERVER, named(invite(silent, other))),
        sip(21_000, SERVER, PHONE, named(ok(silent, SERVER, { ...theirs, port: 20_002 }))),
        sip(21_010, PHONE, SERVER, named(ack(silent, SERVER))),
        audio(21_020, '203.0.113.7:4002', '198.51.100.9:20002', { packets: 450, skip: (nth) => nth % 10 === 0 }),
        sip(31_000, PHONE, SERVER, named(bye(silent, SERVER))),
        sip(31_020, SERVER, PHONE, named(byeOk(silent))),
        sip(32_000, PHONE, SERVER, named(invite(refused, ours))),
        sip(32_100, SERVER, PHONE, refusal),
      ]),
      troubles: [{ text: `A block says ${hostile}`, count: 2, frame: 7 }],
    },
    { server: { host: '198.51.100.1' } },
  )
  return { schemaVersion: 1, ringproof: '0', command: 'judge', file: `${hostile}.pcap`, ...judged }
}
