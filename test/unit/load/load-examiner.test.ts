import { expect, test } from 'vitest'
import { LoadExaminer } from '../../../src/load/load-examiner.js'
import { PublishedList } from '../../../src/target/published-list.js'
import type { WireEvent } from '../../../src/transport/recording-network.js'

const local = { address: '192.0.2.10', port: 40_000 }
const remote = { address: '192.0.2.1', port: 5060 }
const message = (number: number) =>
  [
    'MESSAGE sip:1@192.0.2.10 SIP/2.0',
    `Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK${number}a77`,
    'Max-Forwards: 69',
    'To: <sip:1@example.net>',
    'From: <sip:2@example.net>;tag=4711',
    `Call-ID: ${number}@192.0.2.1`,
    'CSeq: 1 MESSAGE',
    'Content-Type: text/plain',
    'Content-Length: 9',
    '',
    'body text',
  ].join('\r\n')

const segment = (text: string, direction: 'in' | 'out' = 'in'): WireEvent => ({
  at: 1,
  kind: 'data',
  direction,
  transport: 'tcp',
  connection: 1,
  local,
  remote,
  data: Buffer.from(text),
})

test('a message in a stream is whole again, however short the pieces are that it comes in', () => {
  const examiner = new LoadExaminer({
    published: new PublishedList({}),
    accounts: [],
    timers: { T1: 500, T2: 4000 },
  })
  // Only what those send counts whom we talk to.
  examiner.onMessage(segment(message(0), 'out'))
  const both = message(1) + message(2)
  const cut = message(1).length - 20
  for (const piece of [both.slice(0, cut), both.slice(cut, cut + 20), both.slice(cut + 20)])
    examiner.onMessage(segment(piece))
  expect(examiner.notes().map(({ id, actual }) => `${id} ${actual}`)).toEqual([])
})
