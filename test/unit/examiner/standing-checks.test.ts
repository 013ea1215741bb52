import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STANDING_CHECKS } from '../../../src/examiner/standing-checks.js'
import { Bench, crypto, MEDIA, sdp, stream } from './bench.js'

const offer = sdp({ address: MEDIA.address, port: MEDIA.port })
const INVITE = 'INVITE sip:0211550002@test SIP/2.0'
const RESPONSE = 'SIP/2.0 486 Busy Here'
/** The only note of a bench but for the remark on numbers. */
const noteOf = (bench: Bench) => bench.notes.find(({ id }) => id !== 'EXAM-NUMBERS-IN-CLEAR')

describe('each standing check', () => {
  it('has a file of its name', () => {
    const files = readdirSync('src/examiner/checks').sort()
    expect(STANDING_CHECKS.map(({ id }) => `${id.replace('EXAM-', '').toLowerCase()}.ts`).sort()).toEqual(files)
  })
  it('looks at something', () => {
    const idle = STANDING_CHECKS.filter(
      ({ watch, violations, otherViolation }) => !watch && !violations && !otherViolation,
    )
    expect(idle).toEqual([])
  })
  it('has its codes of the parser for itself', () => {
    const codes = STANDING_CHECKS.flatMap(({ violations = {} }) => Object.keys(violations))
    expect(codes).toEqual([...new Set(codes)])
  })
})

describe('what a note weighs', () => {
  it('a To tag that is missing is a matter of the letter, one that is changed is not', () => {
    expect(noteOf(new Bench().out(INVITE).in(RESPONSE, { To: '<sip:0211550002@test>' }))).toMatchObject({
      id: 'EXAM-TAGS',
      severity: 'fail',
      gravity: 'letter',
      cause: 'to-tag-missing',
    })
    expect(noteOf(new Bench().out(INVITE).in(RESPONSE, { From: '<sip:0211550001@test>;tag=other' }))).toMatchObject({
      id: 'EXAM-TAGS',
      severity: 'fail',
      gravity: 'harm',
      cause: 'response-changed',
    })
  })
  it('Content-Length is vital on a stream, not in a datagram', () => {
    const length = { 'Content-Length': 'many' }
    expect(noteOf(new Bench().on({ transport: 'tcp' }).out(INVITE).in(RESPONSE, length))).toMatchObject({
      gravity: 'outage',
      cause: 'content-length-missing',
    })
    const datagram = noteOf(new Bench().out(INVITE).in(RESPONSE, length))
    expect(datagram).toMatchObject({ id: 'EXAM-CONTENT-LENGTH', gravity: 'harm' })
    expect(datagram).not.toHaveProperty('cause')
  })
  it('keys in clear have the cause that the scenarios have', () => {
    const protocol = { protocol: 'RTP/SAVP' }
    const bench = new Bench().call(
      sdp({ address: MEDIA.address, port: MEDIA.port, ...protocol, lines: [crypto(1)] }),
      sdp({ ...protocol, lines: [crypto(2)] }),
    )
    expect(noteOf(bench)).toMatchObject({ id: 'EXAM-KEYS-IN-CLEAR', gravity: 'exposure', cause: 'keys-in-clear' })
  })
  it('an IPv6 address that is called IPv4 has the cause that the scenarios have', () => {
    const bench = new Bench({ published: undefined }).call(offer, sdp({ type: 'IP4', address: '2001:db8::156' }))
    const causes = bench.notes.filter(({ id }) => id === 'EXAM-SDP').map(({ cause, gravity }) => `${cause} ${gravity}`)
    expect([...new Set(causes)]).toEqual(['address-family-wrong outage'])
  })
  it('those that read the clock say so', () => {
    const late = new Bench().out('OPTIONS sip:test SIP/2.0').after(100)
    expect(noteOf(late.in('SIP/2.0 100 Trying', { CSeq: '1 OPTIONS' }))).toMatchObject({ readsClock: true })
  })
  it('the gravest comes first', () => {
    const bench = new Bench().out(INVITE).in(RESPONSE, { To: '<sip:0211550002@test>' })
    bench.in(RESPONSE, { 'Call-ID': 'other' })
    expect(bench.notes.map(({ severity, gravity }) => `${severity} ${gravity}`)).toEqual([
      'fail harm',
      'fail letter',
      'info exposure',
    ])
  })
})

describe('how much was looked at', () => {
  it('is told with a note: messages for one on tags, packets for one on media', () => {
    const bench = new Bench().call(offer, sdp()).after(3000)
    bench.out(INVITE, { 'Call-ID': 'b', Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours2;rport' })
    bench.in(RESPONSE, {
      'Call-ID': 'b',
      Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours2',
      To: '<sip:0211550002@test>',
    })
    stream(bench, { count: 40, timestamp: () => 5 })
    const judged = Object.fromEntries(bench.notes.map((note) => [note.id, note.judged]))
    expect(judged).toMatchObject({ 'EXAM-TAGS': 2, 'EXAM-RTP-TIMING': 40 })
  })
  it('leaves out what is ours and what comes from strangers', () => {
    const bench = new Bench().out(INVITE).in(RESPONSE, { To: '<sip:0211550002@test>' })
    bench.on({ remote: { address: '198.51.100.7', port: 5060 } }).in('OPTIONS sip:x SIP/2.0', { 'Call-ID': 'scan' })
    expect(noteOf(bench)).toMatchObject({ id: 'EXAM-TAGS', judged: 1, count: 1 })
  })
})
