import { expect, it } from 'vitest'
import type { SipSighting } from '../../../src/evidence/record.js'
import { parseMessage } from '../../../src/message/parse.js'
import { pathIn, pathOf } from '../../../src/runner/path-loss.js'

let sequence = 0
const seen = (at: number, direction: 'in' | 'out', branch: string, more: Partial<SipSighting> = {}): SipSighting => {
  const start = direction === 'out' ? 'REGISTER sip:example.com SIP/2.0' : 'SIP/2.0 200 OK'
  const text = [
    start,
    `Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK${branch}`,
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:alice@example.com>',
    'Call-ID: 1@example.com',
    'CSeq: 1 REGISTER',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')
  const bytes = Buffer.from(text)
  const { message } = parseMessage(bytes, { mode: 'strict' })
  if (message === undefined) throw new Error('the example is no message')
  const endpoint = { address: '192.0.2.10', port: 5060 }
  return {
    sequence: sequence++,
    at,
    device: 'alice',
    direction,
    transport: 'udp',
    local: endpoint,
    remote: endpoint,
    message,
    bytes,
    violations: [],
    again: false,
    ...more,
  }
}

it('counts requests over UDP that had to be sent again, and apart those that are half a second apart', () => {
  const messages = [
    seen(0, 'out', 'a'),
    seen(500, 'out', 'a', { again: true }),
    seen(520, 'in', 'a'),
    seen(530, 'out', 'b'),
    seen(550, 'in', 'b'),
    seen(2000, 'out', 'c'),
    seen(2020, 'in', 'c'),
  ]
  const path = pathIn(messages)
  expect(path).toEqual({ requests: 3, again: 1, apart: { requests: 2, again: 1 } })
  expect(pathOf([{ path }, { path }])).toEqual({ requests: 6, again: 2, apart: { requests: 4, again: 2 } })
})

it('leaves out what was never answered, what was repeated though it was answered, and streams', () => {
  const messages = [
    seen(0, 'out', 'never'),
    seen(500, 'out', 'never', { again: true }),
    seen(0, 'out', 'answered'),
    seen(20, 'in', 'answered'),
    seen(500, 'out', 'answered', { again: true }),
    seen(0, 'out', 'stream', { transport: 'tcp' }),
    seen(20, 'in', 'stream', { transport: 'tcp' }),
  ]
  expect(pathIn(messages)).toMatchObject({ requests: 1, again: 0 })
  expect(pathOf([])).toBeUndefined()
})
