import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NameAddr, Params, SipMessage, SipRequest } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'
import { token, validMessage } from './generators.js'

interface PeerAddress {
  name?: string
  uri: string
  params: Record<string, string | null>
}
interface PeerVia {
  protocol: string
  host: string
  port?: number
  params: Record<string, string | null>
}
interface PeerMessage {
  method?: string
  uri?: string
  status?: number
  reason?: string
  headers: { via: PeerVia[]; from: PeerAddress; to: PeerAddress; contact?: PeerAddress[] } & Record<string, unknown>
  content: string
}
interface DrachtioMessage {
  method?: string
  uri?: string
  status?: number
  body?: string
  get(name: string): string
  getParsedHeader(name: 'from' | 'to'): PeerAddress
  getParsedHeader(name: 'via'): PeerVia[]
  getParsedHeader(name: 'cseq'): unknown
}

const require = createRequire(import.meta.url)
const sip: { parse(text: string): PeerMessage | undefined } = require('sip')
const drachtio: { SipMessage: new (text: string) => DrachtioMessage } = require('drachtio-sip')

/** Both peers keep quotes and escapes; where a parameter has no value they say null or undefined. */
const plain = (text: string | undefined): string | undefined =>
  text?.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
const peerParams = (params: Record<string, string | null>) =>
  Object.entries(params).map(([name, value]) => [name.toLowerCase(), plain(value ?? undefined)])
const ourParams = (params: Params) => [...params].map(([name, value]) => [name, value])
// An empty display name is none, and the peers trim theirs.
const name = (text: string | undefined) => text?.trim() || undefined
const peerAddress = (a: PeerAddress) => [name(plain(a.name)), a.uri, peerParams(a.params)]
const ourAddress = (a: NameAddr) => [name(a.display), a.uri, ourParams(a.params)]

function ourContacts(message: SipMessage): unknown[] {
  const list = message.contacts()
  return list === '*' ? [] : list.map(ourAddress)
}

function parse(text: string): SipMessage {
  const { message, violations } = parseMessage(Buffer.from(text), { mode: 'strict' })
  expect(violations).toEqual([])
  return message!
}

describe('differential: what we read is what others read', () => {
  it('sip', () => {
    fc.assert(
      fc.property(validMessage, (text) => {
        const ours = parse(text)
        const theirs = sip.parse(text)!
        if (ours.kind === 'request') expect([ours.method, ours.uri]).toEqual([theirs.method, theirs.uri])
        else expect([ours.status, ours.reason]).toEqual([theirs.status, theirs.reason])
        expect(ours.vias().map((v) => [v.transport, v.host, v.port, ourParams(v.params)])).toEqual(
          theirs.headers.via.map((v) => [v.protocol, v.host, v.port, peerParams(v.params)]),
        )
        expect(ourAddress(ours.from)).toEqual(peerAddress(theirs.headers.from))
        expect(ourAddress(ours.to)).toEqual(peerAddress(theirs.headers.to))
        expect(ourContacts(ours)).toEqual((theirs.headers.contact ?? []).map(peerAddress))
        expect(ours.callId).toBe(theirs.headers['call-id'])
        expect({ seq: ours.cseq.number, method: ours.cseq.method }).toEqual(theirs.headers['cseq'])
        expect(ours.body.toString()).toBe(theirs.content)
      }),
      { numRuns: 300 },
    )
  })

  it('drachtio-sip', () => {
    fc.assert(
      fc.property(validMessage, (text) => {
        const ours = parse(text)
        const theirs = new drachtio.SipMessage(text)
        if (ours.kind === 'request') expect([ours.method, ours.uri]).toEqual([theirs.method, theirs.uri])
        else expect(ours.status).toEqual(Number(theirs.status))
        expect(ourAddress(ours.from)).toEqual(peerAddress(theirs.getParsedHeader('from')))
        expect(ourAddress(ours.to)).toEqual(peerAddress(theirs.getParsedHeader('to')))
        const vias = theirs.getParsedHeader('via')
        expect(ours.vias().map((v) => [v.transport, v.host])).toEqual(vias.map((v) => [v.protocol, v.host]))
        expect(ours.callId).toBe(theirs.get('call-id'))
        expect({ seq: ours.cseq.number, method: ours.cseq.method }).toEqual(theirs.getParsedHeader('cseq'))
      }),
      { numRuns: 300 },
    )
  })
})

describe('round trip', () => {
  it('an untouched message is written byte for byte', () => {
    fc.assert(
      fc.property(validMessage, (text) => {
        const bytes = Buffer.from(text)
        expect(parse(text).toBytes().equals(bytes)).toBe(true)
        expect(parse(text).clone().toBytes().equals(bytes)).toBe(true)
      }),
    )
  })

  it('untouched header fields keep spelling, order and folding when others change', () => {
    fc.assert(
      fc.property(validMessage, token, (text, branch) => {
        const message = parse(text)
        const via = `SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK${branch}`
        message.headers.prepend('Via', via)
        message.headers.set('X-Added', 'yes')
        const written = message.toBytes().toString()
        // Taking both lines out again gives what came.
        expect(written).toContain(`Via: ${via}\r\n`)
        expect(written.replace(`Via: ${via}\r\n`, '').replace('X-Added: yes\r\n', '')).toBe(text)
        // And a proxy on the way back pops its Via.
        const back = parse(written)
        expect(back.via.branch).toBe(`z9hG4bK${branch}`)
        expect(back.headers.removeFirstValue('via')).toBe(via)
        back.headers.remove('X-Added')
        expect(back.toBytes().toString()).toBe(text)
      }),
    )
  })

  it('a changed start line is written anew, the rest as it was', () => {
    fc.assert(
      fc.property(validMessage, (text) => {
        const message = parse(text)
        if (message.kind !== 'request') return
        const request: SipRequest = message
        request.uri = 'sip:elsewhere.example.com'
        const rest = text.slice(text.indexOf('\r\n'))
        expect(request.toBytes().toString()).toBe(`${request.method} sip:elsewhere.example.com SIP/2.0${rest}`)
        expect(request.clone().toBytes().equals(request.toBytes())).toBe(true)
      }),
    )
  })
})
