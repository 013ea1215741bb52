/**
 * Captures of others, as tcpdump wrote them (`-i any`, Linux cooked): baresip and SIPp, Kamailio and rtpengine, in homes behind NAT, on routers and
 * at the provider. `test/peers/strangers/record.mjs` records them anew.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../../src/capture/read-capture.js'
import { judgeCapture } from '../../../src/judge/judge.js'

const folder = new URL('./captures/', import.meta.url)
const judged = (name: string) => judgeCapture(readCapture(gunzipSync(readFileSync(new URL(`${name}.pcap.gz`, folder)))))

/** As Kamailio's usual script does, BYE is passed on with the caller's log-in; and SRTP keys go over UDP. */
const CLEAN: Readonly<
  Record<string, { readonly verdict: string; readonly where?: string; readonly warns?: string[] }>
> = {
  'clean-home': { verdict: 'pass', where: 'telephone' },
  'clean-nat': { verdict: 'pass', where: 'telephone' },
  'clean-prov': { verdict: 'warn', where: 'provider', warns: ['EXAM-SECRET'] },
  'incoming-home': { verdict: 'pass', where: 'telephone' },
  'incoming-nat': { verdict: 'pass', where: 'telephone' },
  'incoming-prov': { verdict: 'pass', where: 'provider' },
  'ends-prov': { verdict: 'warn', warns: ['EXAM-SECRET'] },
  'tcp-home': { verdict: 'pass', where: 'telephone' },
  'srtp-home': { verdict: 'warn', where: 'telephone', warns: ['EXAM-KEYS-IN-CLEAR'] },
  'midcall-prov': { verdict: 'inconclusive' },
  'no-end-prov': { verdict: 'warn', warns: ['EXAM-SECRET'] },
  'snapped-prov': { verdict: 'inconclusive' },
}

describe('captures of calls that are well', () => {
  test.each(Object.entries(CLEAN))('%s', (name, { verdict, where, warns = [] }) => {
    const { findings, ...told } = judged(name)
    expect(findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id)).toEqual(warns)
    expect(told.verdict).toBe(verdict)
    if (where !== undefined) expect(told.where).toBe(where)
  })
})

/** Of each defect: the first card's rule and cause, whose doing it is, and words of what was seen. */
const DEFECTS: Readonly<Record<string, readonly [id: string, cause: string, who: string, text: string]>> = {
  'ack-lost-home': ['ack-lost', 'ack-lost', 'unknown', 'the telephone (192.168.1.20) sent it to 203.0.113.7:5060'],
  'ack-lost-prov': ['ack-lost', 'ack-lost', 'provider', 'which did not pass it on to 198.51.100.9'],
  'ack-lost-far': ['ack-lost', 'ack-lost', 'unknown', 'the call was ended after 32 s'],
  'bye-lost-home': ['unanswered', 'hang-up-lost', 'unknown', 'BYE was sent 11 times'],
  'bye-lost-prov': ['unanswered', 'hang-up-lost', 'provider', 'by the telephone (192.0.2.33) to 203.0.113.7:5060'],
  'not-heard-home': ['one-way-audio', 'no-audio', 'unknown', 'The caller hears nothing'],
  'not-heard-nat': ['one-way-audio', 'no-audio', 'unknown', 'The caller hears nothing'],
  'not-sent-prov': ['one-way-audio', 'no-audio', 'unknown', 'The called side hears nothing'],
  'private-audio-home': ['one-way-audio', 'no-audio', 'unknown', 'none came from there'],
  'private-audio-far': ['one-way-audio', 'nat-source-ignored', 'telephone', 'to a private address, 192.168.1.20'],
  'private-contact-prov': ['unanswered', 'nat-unreachable', 'provider', 'which came from 192.0.2.33:5060'],
  'forgotten-nat': ['nat-replies', 'nat-forgotten', 'network', 'the telephone (192.168.1.20, behind 192.0.2.33:5060)'],
  'forgotten-prov': ['nat-replies', 'nat-forgotten', 'unknown', 'it was heard again'],
  'wrong-password-home': ['login', 'login-refused', 'unknown', '2001@voip.example logged in'],
  'too-large-home': ['unanswered', 'not-reachable', 'network', 'it goes in 2 fragments'],
  'too-large-prov': ['unanswered', 'not-reachable', 'network', 'the rest is missing'],
}

describe('captures of defects', () => {
  test.each(Object.entries(DEFECTS))('%s', (name, [id, cause, who, text]) => {
    const [first] = judged(name).findings
    expect([first?.id, first?.cause, first?.seen[0]?.side.who]).toEqual([id, cause, who])
    expect(first?.seen[0]?.text).toContain(text)
    expect(first?.seen[0]?.frames.length).toBeGreaterThan(0)
    expect(first?.seen[0]?.filter).toMatch(/sip\.Call-ID|ip\.src/)
  })
})

test.each(['clean-prov', 'incoming-nat', 'tcp-home', 'ends-prov'])(
  '%s blames nobody, wherever it begins or ends',
  (name) => {
    const whole = readCapture(gunzipSync(readFileSync(new URL(`${name}.pcap.gz`, folder))))
    const { events } = whole
    const ends = events.flatMap((event, at) =>
      'data' in event && /SIP\/2\.0/.test(event.data.toString('latin1', 0, 300)) && at % 3 === 0 ? [at + 1] : [],
    )
    for (const at of ends) {
      const parts = [events.slice(at), events.slice(0, at), events.filter((_, index) => index !== at - 1)]
      for (const part of parts) {
        const [from, until] = [part[0]?.at ?? whole.from, part.at(-1)?.at ?? whole.until]
        const { findings } = judgeCapture({ ...whole, events: part, from, until })
        expect(findings.filter(({ severity }) => severity === 'fail')).toEqual([])
      }
    }
  },
)

test('files that are damaged or cut anywhere are judged, or said to be damaged', () => {
  let seed = 7
  const chance = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  for (const name of ['clean-nat', 'tcp-home', 'srtp-home', 'too-large-prov', 'forgotten-nat']) {
    const file = gunzipSync(readFileSync(new URL(`${name}.pcap.gz`, folder)))
    for (let nth = 0; nth < 6; nth++) {
      const bytes = Buffer.from(file.subarray(0, nth % 2 === 0 ? file.length : Math.floor(chance() * file.length)))
      for (let change = 0; change < 30; change++)
        bytes[24 + Math.floor(chance() * (bytes.length - 24))] = Math.floor(chance() * 256)
      expect(() => judgeCapture(readCapture(bytes))).not.toThrow()
    }
  }
})

test('a relay that gets nothing is not blamed for sending nothing', () => {
  expect(judged('not-sent-prov').findings[0]?.seen[0]?.side.why).toContain(
    'nothing came to 203.0.113.8 on the other hop',
  )
})

describe('keys of SRTP in a capture', () => {
  const KEY = /inline:[A-Za-z0-9+/]{8}/g
  /** The capture with keys changed; the length of what carries them stays. */
  function withKeys(change: (text: string) => string) {
    const capture = readCapture(gunzipSync(readFileSync(new URL('srtp-home.pcap.gz', folder))))
    const events = capture.events.map((event) =>
      event.kind === 'datagram' && KEY.test(event.data.toString('latin1'))
        ? { ...event, data: Buffer.from(change(event.data.toString('latin1')), 'latin1') }
        : event,
    )
    return judgeCapture({ ...capture, events })
  }
  const told = ({ findings }: ReturnType<typeof judgeCapture>) =>
    findings.filter(({ severity }) => severity === 'fail').map(({ id, seen }) => [id, seen.length])

  test('open what is sent', () => {
    const { findings, limits } = withKeys((text) => text)
    expect(findings.map(({ id }) => id)).not.toContain('srtp-keys')
    expect(limits).toEqual([])
  })

  test('that differ from what was agreed on are told, each way', () => {
    expect(told(withKeys((text) => text.replace(KEY, 'inline:AAAAAAAA')))).toEqual([['srtp-keys', 2]])
    const one = withKeys((text) => (text.startsWith('SIP') ? text.replace(KEY, 'inline:AAAAAAAA') : text))
    expect(told(one)).toEqual([['srtp-keys', 1]])
    expect(one.findings[0]?.seen[0]?.text).toMatch(/^None of \d+ packets of SRTP from 203\.0\.113\.8/)
  })

  test('that are masked, or of a suite that is not spoken here, open nothing, and nobody is blamed', () => {
    const masked = withKeys((text) => text.replace(/inline:[^|\s]*/g, (key) => `inline:${'x'.repeat(key.length - 7)}`))
    expect(told(masked)).toEqual([])
    expect(masked.limits).toContainEqual(expect.stringContaining('SRTP keys were made unreadable'))
    const unknown = withKeys((text) => text.replaceAll('AES_CM_128_HMAC_SHA1_80', 'AES_CM_999_HMAC_SHA1_80'))
    expect(told(unknown)).toEqual([])
    expect(unknown.limits).toContainEqual(expect.stringContaining('could not be opened'))
  })
})

test('each capture is judged here', () => {
  const names = readdirSync(folder).map((name) => name.replace('.pcap.gz', ''))
  expect(names.toSorted()).toEqual([...Object.keys(CLEAN), ...Object.keys(DEFECTS)].toSorted())
})
