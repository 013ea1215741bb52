import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NameAddr, SipMessage, SipRequest, SipResponse } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'
import { parseUri } from '../../../src/message/uri.js'

// RFC 4475's messages as the npm package `sip` ships them.
const folder = join(dirname(createRequire(import.meta.url).resolve('sip/package.json')), 'test/messages')

interface Case {
  readonly section: string
  readonly name: string
  readonly title: string
  /** Status with which a server refuses it (a response is dropped); absent: it is processed. */
  readonly refused?: number
  /** All violations that strict mode names, in order. */
  readonly codes?: readonly string[]
  readonly check?: (message: SipMessage, bytes: Buffer) => void
}

function request(message: SipMessage): SipRequest {
  if (message.kind !== 'request') throw new Error('a request was expected')
  return message
}

function response(message: SipMessage): SipResponse {
  if (message.kind !== 'response') throw new Error('a response was expected')
  return message
}

function contacts(message: SipMessage): NameAddr[] {
  const list = message.contacts()
  if (list === '*') throw new Error('no wildcard was expected')
  return list
}

const CASES: readonly Case[] = [
  {
    section: '3.1.1.1',
    name: 'wsinv',
    title: 'a short tortuous INVITE is well-formed',
    // Its first branch is one of RFC 2543's: well-formed, and against RFC 3261 §8.1.1.7 all the same.
    codes: ['via-branch-cookie'],
    check: (m) => {
      const invite = request(m)
      expect(invite.uri).toBe('sip:vivekg@chair-dnrc.example.com;unknownparam')
      expect(m.to.tag).toBe('1918181833n')
      expect(m.to.uri).toBe('sip:vivekg@chair-dnrc.example.com')
      expect(m.from.display).toBe('J Rosenberg \\"')
      expect(m.from.tag).toBe('98asjd8')
      expect(m.maxForwards).toBe(68)
      expect(m.contentLength).toBe(150)
      expect(m.body.length).toBe(150)
      expect(m.cseq).toEqual({ number: 9, method: 'INVITE' })
      expect(m.headers.get('subject')).toBe('')
      expect(m.headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value')
      expect(m.headers.values('UnknownHeaderWithUnusualValue')).toEqual([';;,,;;,;'])
      const vias = m.vias()
      expect(vias.map((v) => [v.transport, v.host, v.branch])).toEqual([
        ['UDP', '192.0.2.2', '390skdjuw'],
        ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
        ['UDP', '192.168.255.111', 'z9hG4bK30239'],
      ])
      const [contact] = contacts(m)
      expect(contact).toMatchObject({ display: 'Quoted string ""', uri: 'sip:jdrosen@example.com' })
      expect([...contact!.params]).toEqual([
        ['newparam', 'newvalue'],
        ['secondparam', undefined],
        ['q', '0.33'],
      ])
      expect(m.routes()[0]?.uri).toBe('sip:services.example.com;lr;unknownwith=value;unknown-no-value')
    },
  },
  {
    section: '3.1.1.2',
    name: 'intmeth',
    title: 'a wide range of valid characters',
    check: (m) => {
      const invite = request(m)
      expect(invite.method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
      expect(m.cseq.method).toBe(invite.method)
      const uri = parseUri(invite.uri)
      expect(uri.user).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
      expect(uri.password).toBe("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
      expect(uri.host).toBe('example.com')
      expect(m.via.branch).toBe("z9hG4bK-.!%66*_+`'~")
      expect(m.to.display).toBe('BEL:\u0007 NUL:\u0000 DEL:\u007f')
      expect(m.from.display).toBe("token1~` token2'+_ token3*%!.-")
      expect(m.from.tag).toBe("_token~1'+`*%!-.")
      expect(m.from.params.get("fromparam''~+*_!.-%")).toBe('работающий')
      expect(m.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{')
      expect(m.headers.get("extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電')
    },
  },
  {
    section: '3.1.1.3',
    name: 'esc01',
    title: 'valid use of the % escape',
    check: (m) => {
      expect(parseUri(request(m).uri)).toMatchObject({ userDecoded: 'sips:user@example.com', host: 'example.net' })
      expect(parseUri(m.to.uri).userDecoded).toBe('user')
      expect(parseUri(m.from.uri).userDecoded).toBe('I have spaces')
      const [contact] = contacts(m)
      const params = parseUri(contact!.uri).params
      // Escapes are decoded once: value%41 is not valueA.
      expect([...params]).toEqual([
        ['lr', undefined],
        ['name', 'v%61lue%25%34%31'],
      ])
    },
  },
  {
    section: '3.1.1.4',
    name: 'escnull',
    title: 'escaped nulls in URIs',
    check: (m) => {
      expect(parseUri(m.to.uri).userDecoded).toBe('null-\u0000-null')
      expect(contacts(m).map((c) => parseUri(c.uri).userDecoded)).toEqual(['\u0000', '\u0000\u0000'])
    },
  },
  {
    section: '3.1.1.5',
    name: 'esc02',
    title: '% where it is no escape',
    check: (m) => {
      expect(request(m).method).toBe('RE%47IST%45R')
      expect(m.to.display).toBe('%Z%45')
      expect(contacts(m).map((c) => c.uri)).toEqual(['sip:alias1@host1.example.com', 'sip:alias3@host3.example.com'])
    },
  },
  {
    section: '3.1.1.6',
    name: 'lwsdisp',
    title: 'no white space between display name and <',
    check: (m) => expect(m.from).toMatchObject({ display: 'caller', uri: 'sip:caller@example.com', tag: '323' }),
  },
  {
    section: '3.1.1.7',
    name: 'longreq',
    title: 'long values',
    // Well-formed; and yet To has a port (§19.1.1) and the top Via is one of RFC 2543's.
    codes: ['uri-component-forbidden', 'via-branch-missing'],
    check: (m) => {
      expect(m.vias()).toHaveLength(34)
      expect(m.from.tag).toBe(`12${'982'.repeat(50)}424`)
      expect(m.callId).toBe(`longreq.one${'really'.repeat(20)}longcallid`)
      expect(m.vias().at(-1)?.received).toBe('192.0.2.5')
    },
  },
  {
    section: '3.1.1.8',
    name: 'dblreq',
    title: 'extra octets in a datagram are ignored',
    codes: ['body-excess'],
    check: (m, bytes) => {
      expect(request(m).method).toBe('REGISTER')
      expect(m.toBytes().equals(bytes.subarray(0, m.toBytes().length))).toBe(true)
      expect(m.toBytes().includes('INVITE')).toBe(false)
    },
  },
  {
    section: '3.1.1.9',
    name: 'semiuri',
    title: 'semicolon parameters in the user part',
    check: (m) => {
      const uri = parseUri(request(m).uri)
      expect(uri.userDecoded).toBe('user;par=u@example.net')
      expect(uri.host).toBe('example.com')
      expect(uri.params.size).toBe(0)
      expect(m.headers.values('accept')).toHaveLength(6)
    },
  },
  {
    section: '3.1.1.10',
    name: 'transports',
    title: 'varied and unknown transports',
    check: (m) => expect(m.vias().map((v) => v.transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']),
  },
  {
    section: '3.1.1.11',
    name: 'mpart01',
    title: 'a multipart body with binary parts',
    check: (m) => {
      expect(m.contentType).toBe('multipart/mixed')
      expect(m.body.length).toBe(m.contentLength)
      expect(m.body.includes(0)).toBe(true)
    },
  },
  {
    section: '3.1.1.12',
    name: 'unreason',
    title: 'an unusual reason phrase',
    check: (m) => expect(response(m).reason).toBe('= 2**3 * 5**2 но сто девяносто девять - простое'),
  },
  {
    section: '3.1.1.13',
    name: 'noreason',
    title: 'an empty reason phrase',
    check: (m) => expect(response(m)).toMatchObject({ status: 100, reason: '' }),
  },
  {
    section: '3.1.2.1',
    name: 'badinv01',
    title: 'extraneous separators: 400',
    refused: 400,
    codes: ['via-malformed', 'contact-malformed', 'via-branch-missing'],
  },
  {
    section: '3.1.2.2',
    name: 'clerr',
    title: 'Content-Length larger than the datagram: 400',
    refused: 400,
    codes: ['body-truncated'],
  },
  {
    section: '3.1.2.3',
    name: 'ncl',
    title: 'negative Content-Length: refused, on a stream the end of it',
    refused: 400,
    codes: ['content-length-malformed'],
    check: (_m, bytes) => {
      const stream = parseMessage(bytes, { mode: 'fast', framing: 'stream' })
      expect(stream.violations.map((v) => v.code)).toEqual(['content-length-malformed'])
      expect(stream.message?.body.length).toBe(0)
    },
  },
  {
    section: '3.1.2.4',
    name: 'scalar02',
    title: 'overlarge numbers in a request: 400 for CSeq',
    refused: 400,
    codes: ['cseq-range', 'max-forwards-malformed', 'expires-malformed', 'contact-expires-malformed'],
    check: (m) => expect(() => m.cseq).toThrow(/32 bits/),
  },
  {
    section: '3.1.2.5',
    name: 'scalarlg',
    title: 'overlarge numbers in a response: discarded',
    refused: 400,
    codes: ['cseq-range', 'warning-malformed', 'to-tag-missing'],
  },
  {
    section: '3.1.2.6',
    name: 'quotbal',
    title: 'unterminated quote in a display name: 400',
    refused: 400,
    codes: ['quoted-string-open'],
    check: (m) => expect(() => m.to).toThrow(/quote not closed/),
  },
  {
    section: '3.1.2.7',
    name: 'ltgtruri',
    title: 'Request-URI in angle brackets: 400',
    refused: 400,
    codes: ['request-uri-malformed', 'via-branch-missing'],
  },
  {
    section: '3.1.2.8',
    name: 'lwsruri',
    title: 'white space in the Request-URI: 400',
    refused: 400,
    codes: ['request-uri-space'],
  },
  {
    section: '3.1.2.9',
    name: 'lwsstart',
    title: 'several spaces in the start line: refused or read past',
    refused: 400,
    codes: ['request-line-spacing'],
    check: (m) => expect(request(m).uri).toBe('sip:user@example.com'),
  },
  {
    section: '3.1.2.10',
    name: 'trws',
    title: 'spaces at the end of the start line: refused or read past',
    refused: 400,
    codes: ['request-line-spacing'],
    check: (m) => expect(request(m).uri).toBe('sip:remote-target@example.com'),
  },
  {
    section: '3.1.2.11',
    name: 'escruri',
    title: 'escaped headers in the Request-URI: refused or ignored',
    refused: 400,
    codes: ['request-uri-component-forbidden'],
  },
  {
    section: '3.1.2.12',
    name: 'baddate',
    title: 'a Date that is not in GMT is named, the request processed',
    codes: ['date-malformed'],
  },
  {
    section: '3.1.2.13',
    name: 'regbadct',
    title: 'Contact URI with headers outside angle brackets: 400',
    refused: 400,
    codes: ['address-needs-brackets'],
  },
  {
    section: '3.1.2.14',
    name: 'badaspec',
    title: 'spaces in an addr-spec: 400, or ignored',
    refused: 400,
    codes: ['to-malformed'],
    check: (m) => expect(m.to).toMatchObject({ display: 'Watson, Thomas', uri: 'sip:t.watson@example.org' }),
  },
  {
    section: '3.1.2.15',
    name: 'baddn',
    title: 'unquoted display names that are no tokens: 400',
    refused: 400,
    codes: ['display-name-malformed', 'display-name-malformed'],
  },
  {
    section: '3.1.2.16',
    name: 'badvers',
    title: 'an unknown version: 505',
    refused: 505,
    codes: ['version-unsupported', 'via-malformed'],
  },
  {
    section: '3.1.2.17',
    name: 'mismatch01',
    title: 'methods of start line and CSeq differ: 400',
    refused: 400,
    codes: ['cseq-method-mismatch'],
  },
  {
    section: '3.1.2.18',
    name: 'mismatch02',
    title: 'unknown method and another in CSeq: 400 is acceptable',
    refused: 400,
    codes: ['cseq-method-mismatch'],
    check: (m) => expect(request(m).method).toBe('NEWMETHOD'),
  },
  {
    section: '3.1.2.19',
    name: 'bigcode',
    title: 'a status code above 699: dropped',
    refused: 400,
    codes: ['status-code-invalid'],
  },
  {
    section: '3.2.1',
    name: 'badbranch',
    title: 'a branch that is the cookie alone is named, and does not break anything',
    codes: ['via-branch-empty'],
  },
  {
    section: '3.3.1',
    name: 'insuf',
    title: 'missing header fields: 400',
    refused: 400,
    codes: ['from-missing', 'to-missing', 'call-id-missing', 'max-forwards-missing', 'contact-missing'],
    check: (m) => expect(() => m.callId).toThrow(/no Call-ID/),
  },
  {
    section: '3.3.2',
    name: 'unkscm',
    title: 'unknown scheme in the Request-URI is well-formed',
    check: (m) => expect(parseUri(request(m).uri).scheme).toBe('nobodyknowsthisscheme'),
  },
  {
    section: '3.3.3',
    name: 'novelsc',
    title: 'an atypical scheme in the Request-URI is well-formed',
    check: (m) => expect(parseUri(request(m).uri)).toMatchObject({ scheme: 'soap.beep', opaque: '//192.0.2.103:3002' }),
  },
  {
    section: '3.3.4',
    name: 'unksm2',
    title: 'unknown schemes in header fields are well-formed',
    check: (m) => expect([m.to.uri, m.from.uri]).toEqual(['isbn:2983792873', 'http://www.example.com']),
  },
  {
    section: '3.3.5',
    name: 'bext01',
    title: 'Require and Proxy-Require are read',
    check: (m) => {
      expect(m.headers.values('Require')).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither'])
      expect(m.headers.values('Proxy-Require')).toEqual(['noProxiesSupportThis', 'norDoAnyProxiesSupportThis'])
    },
  },
  {
    section: '3.3.6',
    name: 'invut',
    title: 'an unknown content type is well-formed',
    check: (m) => expect(m.contentType).toBe('application/unknownformat'),
  },
  { section: '3.3.7', name: 'regaut01', title: 'an unknown authorization scheme is well-formed' },
  {
    section: '3.3.8',
    name: 'multi01',
    title: 'several values where one is allowed: 400',
    refused: 400,
    codes: [...Array.from({ length: 5 }, () => 'header-repeated'), 'contact-repeated'],
  },
  {
    section: '3.3.9',
    name: 'mcl01',
    title: 'conflicting Content-Lengths: refused, on a stream the end of it',
    refused: 400,
    codes: ['content-length-conflict', 'header-repeated'],
    check: (_m, bytes) => {
      expect(parseMessage(bytes, { mode: 'fast', framing: 'stream' }).violations[0]?.code).toBe(
        'content-length-conflict',
      )
    },
  },
  {
    section: '3.3.10',
    name: 'bcast',
    title: 'a broadcast address in Via is well-formed',
    check: (m) => expect(m.vias()[1]?.host).toBe('255.255.255.255'),
  },
  {
    section: '3.3.11',
    name: 'zeromf',
    title: 'Max-Forwards of zero is legal',
    check: (m) => expect(m.maxForwards).toBe(0),
  },
  {
    section: '3.3.12',
    name: 'cparam01',
    title: "a Contact's parameter without brackets is the header field's",
    check: (m) => {
      const [contact] = contacts(m)
      expect(contact?.uri).toBe('sip:+19725552222@gw1.example.net')
      expect(contact?.params.has('unknownparam')).toBe(true)
    },
  },
  {
    section: '3.3.13',
    name: 'cparam02',
    title: "a Contact's parameter within brackets is the URI's",
    check: (m) => {
      const [contact] = contacts(m)
      expect(parseUri(contact?.uri ?? '').params.has('unknownparam')).toBe(true)
      expect(contact?.params.size).toBe(0)
    },
  },
  {
    section: '3.3.14',
    name: 'regescrt',
    title: "escaped headers in a Contact's URI are kept",
    check: (m) => {
      const [contact] = contacts(m)
      expect(parseUri(contact?.uri ?? '').headers.get('route')).toBe('%3Csip:sip.example.com%3E')
    },
  },
  {
    section: '3.3.15',
    name: 'sdp01',
    title: 'an Accept without SDP is well-formed',
    check: (m) => expect(m.headers.values('Accept')).toEqual(['text/nobodyKnowsThis']),
  },
  {
    section: '3.4.1',
    name: 'inv2543',
    title: 'an INVITE of RFC 2543 is accepted',
    codes: ['via-branch-missing', 'from-tag-missing', 'max-forwards-missing', 'contact-missing'],
    check: (m) => expect(m.body.toString('latin1').startsWith('v=0')).toBe(true),
  },
]

function load(name: string): Buffer {
  const bytes = readFileSync(join(folder, `${name}.dat`))
  // That file lacks the empty line which the RFC's message has.
  return name === 'baddn' ? Buffer.concat([bytes, Buffer.from('\r\n')]) : bytes
}

describe('RFC 4475', () => {
  it('has 49 messages', () => expect(CASES).toHaveLength(49))

  for (const { section, name, title, refused, codes = [], check } of CASES) {
    it(`§${section} ${name}: ${title}`, () => {
      const bytes = load(name)
      const { message, violations, consumed } = parseMessage(bytes, { mode: 'strict' })
      expect(violations.map((v) => v.code)).toEqual(codes)
      expect(violations.find((v) => v.status !== undefined)?.status).toBe(refused)
      expect(consumed).toBe(bytes.length)
      for (const v of violations) expect(v.rule).toMatch(/^RFC \d+ §\d/)
      expect(message).toBeDefined()
      if (message === undefined) return
      // Untouched, it is written as it came; touched and put back, its header fields too.
      if (name !== 'dblreq') expect(message.toBytes().equals(bytes)).toBe(true)
      const copy = message.clone()
      copy.headers.add('X-Copy', 'yes')
      copy.headers.remove('X-Copy')
      if (name !== 'dblreq') expect(copy.toBytes().toString('latin1')).toBe(bytes.toString('latin1'))
      check?.(message, bytes)
      // The fast mode names what makes a message unusable, and nothing that strict mode does not.
      const fast = parseMessage(bytes, { mode: 'fast' }).violations.map((v) => v.code)
      expect(codes.filter((code) => fast.includes(code))).toEqual(fast)
    })
  }
})
