import { describe, expect, it } from 'vitest'
import { parseMessage } from '../../../src/message/parse.js'

/** The codes of what strict mode finds in a message with that header field instead of its own. */
function codes(name: string, value: string): string[] {
  const fields = new Map([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc'],
    ['Max-Forwards', '70'],
    ['From', '<sip:alice@example.com>;tag=a1'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'call'],
    ['CSeq', '1 OPTIONS'],
    [name, value],
  ])
  const lines = [...fields].map(([key, text]) => `${key}: ${text}\r\n`)
  const { violations } = parseMessage(Buffer.from(`OPTIONS sip:b@c SIP/2.0\r\n${lines.join('')}\r\n`), {
    mode: 'strict',
  })
  return violations.map((v) => v.code)
}

const DIGEST = 'Digest username="a", realm="r", nonce="n", uri="x", response='
const digits = (count: number) => `"${'0123456789abcdef'.repeat(4).slice(0, count)}"`
const CHALLENGE = 'Digest realm="r", nonce="n", qop="auth"'
const date = (change: string, to: string) => 'Sat, 13 Nov 2010 23:29:00 GMT'.replace(change, to)

/** Values at both sides of the border that the grammar draws. */
const TABLE: readonly [name: string, right: readonly string[], wrong: readonly string[]][] = [
  [
    'Date',
    [
      ...['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sun'].map((day) => date('Sat', day)),
      ...'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Dec'.split(' ').map((month) => date('Nov', month)),
      ...['00:00:00', '19:59:60', '20:00:59'].map((time) => date('23:29:00', time)),
    ],
    [
      date('Sat', 'sat'),
      date(' 13', ' 3'),
      date('Nov', 'XI'),
      date('2010', '10'),
      date('GMT', 'UTC'),
      date('Sat,', 'Sat'),
      ...['24:00:00', '3:29:00', '23:60:00', '23:29:61', '23:29:70', '23:29'].map((time) => date('23:29:00', time)),
      `${date('', '')} `.concat('x'),
      `x ${date('', '')}`,
    ],
  ],
  ['MIME-Version', ['1.0', '10.20'], ['1', '1.', '.1', '1.0x', 'x1.0', '1x0', 'a.b']],
  ['Max-Forwards', ['0', '255', '070'], ['256', '-1', '7x']],
  ['Expires', ['0', '4294967295'], ['4294967296', '1.5']],
  ['RSeq', ['1', '4294967295'], ['0', '4294967296', 'x']],
  ['RAck', ['1 2 INVITE', '1 \t 22  x-%'], ['1 2', '1 2 A@', 'x1 2 A', '1 x A', '1 2 A B', '12 A']],
  [
    'CSeq',
    ['0 OPTIONS', '2147483647 OPTIONS', '1 \t OPTIONS'],
    ['-1 OPTIONS', '2147483648 OPTIONS', '1OPTIONS', 'OPTIONS', ''],
  ],
  ['Call-ID', ['a', 'a@b', 'a%!"\\<>?[]{}()/:@b`~', '*'], ['', '@', 'a@', '@b', 'a@b@c', 'a,b', 'a b', 'a;b', 'ä']],
  ['In-Reply-To', ['a', 'a@b, c@d'], ['a@b@c', '@b', 'a@', 'a b', 'x;y', 'a,,b']],
  ['Content-Language', ['en', 'en-GB, abcdefgh-abc12345'], ['e1', 'en-', '-en', 'abcdefghi', 'en-abcdefghi', 'en GB']],
  [
    'Timestamp',
    ['54', '54.', '54.1', '54 0', '54.1  .5', '54 1.', '54 1.25'],
    ['.5', 'x5', '5x', '1 2 3', '1 x', '1.x', '1 2.x'],
  ],
  [
    'Warning',
    ['301 a "x"', '301 a "x \\" y", 399 b:5060 ""'],
    [
      '30 a "x"',
      '3011 a "x"',
      '301  a "x"',
      '301 a  "x"',
      '301 a x',
      '301 a "x" y',
      '301 "x"',
      'x301 a "x"',
      '301 a "x\\"',
    ],
  ],
  [
    'Retry-After',
    ['5', '5 (a (b) \\) c)', '5;duration=3', '120 (x) ; duration=60', '5()'],
    ['', 'x5', '5 (', '5 (()', '5 (\\)', '5 x', '5 (a) x'],
  ],
  [
    'User-Agent',
    ['a', 'a/b', '(c)', 'a/1 (b (c) \\) d) e', 'a(b)c/d', 'a\t(b)'],
    ['', 'a/b/c', '/b', 'a/', '@', 'a/@', 'a (b', 'a )', '(a))'],
  ],
  ['Content-Type', ['a/b', 'a / b ; c="d e"', 'x.y+z/*'], ['a', '/b', 'a/', 'a b/c', 'a/b c', ' /', 'a/b;c=', 'a/b;']],
  ['Accept', ['', 'a/b', '*/*;q=0.5, a/b'], ['a', 'a/b,', ',a/b', 'a/b,,c/d']],
  ['Accept-Encoding', ['', 'gzip', 'gzip;q=1.0, *'], ['@', 'a b', 'a;', 'a;b;B']],
  ['Accept-Language', ['', 'en;q=0.1'], ['@']],
  ['Allow', ['', 'INVITE, x'], ['INVITE ACK', 'a,,b']],
  ['Supported', ['', '100rel'], ['a;b']],
  ['Require', ['100rel'], ['', ',']],
  ['Proxy-Require', ['a'], ['']],
  ['Unsupported', ['a, b'], ['', 'a@']],
  ['Content-Encoding', ['gzip, x'], ['', '@']],
  ['Priority', ['emergency'], ['', 'not so']],
  [
    'Alert-Info',
    ['<http://a.b/c>', '<http://a.b>;x=y, <urn:x:y>'],
    ['', 'http://a.b', '<http://a.b', '<x>', '<http://a.b>x', 'x<http://a.b>'],
  ],
  ['Call-Info', ['<http://a.b>;purpose=icon'], ['', '<http://a.b>;purpose=@']],
  ['Error-Info', ['<sip:a@b>'], ['', '<sip:>']],
  ['Event', ['a', 'a.b;id=1', 'a ;id="x y"'], ['', 'a b', 'a;id=x;ID=y', 'a;@', 'a;b="']],
  ['Allow-Events', ['a, b'], ['', 'a;b']],
  ['Subscription-State', ['active;expires=5'], ['', '@']],
  ['Session-Expires', ['0', '4294967295', '90;refresher=uac', '90 ; x'], ['', '-1', 'x', '4294967296', '90 x', '90;=']],
  ['Min-SE', ['90', '90;x=y'], ['x', '90x']],
  ['Reason', ['SIP;cause=200;text="a, b", Q.850;cause=16'], ['', 'a b']],
  ['SIP-ETag', ['a'], ['', 'a b']],
  ['SIP-If-Match', ['a'], ['', 'a b']],
  ['Content-Disposition', ['session', 'session;handling=optional'], ['', '"session"']],
  [
    'Via',
    [
      ...[
        'received=192.0.2.1',
        'received=2001:db8::1',
        'ttl=0',
        'ttl=255',
        'rport',
        'rport=12345',
        'x="a b;"',
        'x=[::1]',
      ].map((param) => `SIP/2.0/UDP h:0;branch=z9hG4bK1;${param}`),
      'sip / 2.0 / TLS [::1] : 65535 ; branch=z9hG4bK1',
      'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/x-y b;branch=z9hG4bK2',
    ],
    [
      ...[
        'received=h',
        'received',
        'received=[::1]',
        'ttl=256',
        'ttl=1000',
        'ttl=-1',
        'ttl',
        'rport=x1',
        'rport=1x',
        'rport=123456',
        'x=',
        'x=[::1',
        'x=::1]',
        'x=[1]',
        'x="',
        '=',
        'y z',
        'y;Y',
      ].map((param) => `SIP/2.0/UDP h;branch=z9hG4bK1;${param}`),
      ...['h:65536', 'h:', 'h:x', 'h_', '-h', '1.2.3', '[::1', '[]', '[x]', '1:2:3', ''].map(
        (host) => `SIP/2.0/UDP ${host};branch=z9hG4bK1`,
      ),
      ...['SIP/2.0', 'SIP/UDP', 'UDP', 'SIP/2.0/', '/2.0/UDP', 'SIP//UDP', 'HTTP/2.0/UDP', 'SIP/1.0/UDP'].map(
        (protocol) => `${protocol} h;branch=z9hG4bK1`,
      ),
    ],
  ],
  [
    'From',
    [
      'sip:a@b;tag=1',
      'tel:+1;tag=1',
      'Alice B. <sip:a@b>;tag=1',
      '"a\\"<b>" <sip:a@b>;tag=1',
      '<sip:a@b;x=y>;tag=1;y',
      '"" <urn:x:y>;tag=1',
      'A<sips:a@b>;tag=1',
    ],
    [
      'sip:a@b,c;tag=1',
      'sip:a@b?c=d;tag=1',
      'Al@ice <sip:a@b>;tag=1',
      'Al, <sip:a@b>;tag=1',
      '"A" x <sip:a@b>;tag=1',

      '< sip:a@b>;tag=1',
      '<sip:a@b >;tag=1',
      '<sip:a@b>x;tag=1',
      '<sip:a@b;tag=1',
      '<sip:a@b>;tag="1 2"',
      '<sip:a@b>;tag=""',
      ...['maddr=h', 'ttl=1', 'transport=tcp', 'lr', 'method=INVITE'].map((param) => `<sip:a@b;${param}>;tag=1`),
      ...['<sip:a@b:5060>', '<sips:a@b?x=y>'].map((uri) => `${uri};tag=1`),
    ],
  ],
  [
    'To',
    ['<tel:+1;ttl=1>', '<http://a?b=c>', '<sip:a@b>;tag=x'],
    ['<sip:a@b;lr>', '<sip:a@b;method=X>', '<sip:a@b?x=y>'],
  ],
  [
    'Route',
    ['<sip:a;lr>, <sip:b:5060;transport=tcp;maddr=h>'],
    ['', '<sip:a;ttl=1>', '<sip:a;method=X>', '<sip:a?x=y>', 'sip:a;lr'],
  ],
  ['Record-Route', ['<sip:a;lr>'], ['', '<sip:a>,']],
  ['Path', ['<sip:a;lr>'], ['', 'sip:a']],
  ['Service-Route', ['<sip:a;lr>'], ['', 'sip:a']],
  ['Reply-To', ['<sip:a@b;method=X?y=z>', 'sip:a'], ['', 'x']],
  ['Refer-To', ['<sip:a@b;ttl=1?Replaces=x>'], ['', '<x>']],
  ['Referred-By', ['<sip:a@b>;cid="x"'], ['', '<x>']],
  ['P-Asserted-Identity', ['<sip:a@b>, <tel:+1>'], ['', '<x>']],
  ['P-Preferred-Identity', ['"A" <sip:a@b>'], ['', '<x>']],
  [
    'Contact',
    [
      ...['q=0', 'q=0.', 'q=0.123', 'q=1', 'q=1.', 'q=1.000', 'expires=0', 'expires=4294967295', 'x="*"'].map(
        (param) => `<sip:a@b:5060;transport=tcp;lr?x=y>;${param}`,
      ),
      'sip:a;expires=3, "A, B" <sip:c@d>',
    ],
    [
      ...[
        'q=2',
        'q=0.1234',
        'q=1.1',
        'q=1.0000',
        'q=00',
        'q=x0',
        'q=',
        'q',
        'expires',
        'expires=x',
        'expires=4294967296',
      ].map((param) => `<sip:a@b>;${param}`),
      '*, *',
      '<sip:a>, *',
      '*;q=1',
      '',
      '<sip:a@b;method=X>',
      '<sip:a>,',
      'sip:a@b?x=y',
    ],
  ],
  [
    'WWW-Authenticate',
    [
      CHALLENGE,
      `${CHALLENGE}, stale=true, algorithm=MD5, opaque="", domain="sip:a"`,
      'NTLM x=y',
      'digest REALM="", Nonce="", QOP=""',
    ],
    [
      '',
      'Digest',
      'basic realm="r"',
      `${CHALLENGE}, Digest realm="s"`,
      `${CHALLENGE}, stale="true"`,
      `${CHALLENGE}, algorithm="MD5"`,
    ],
  ],
  ['Proxy-Authenticate', [CHALLENGE], ['Digest realm="r", qop="auth"', 'Basic realm="r"']],
  [
    'Authorization',
    [
      `${DIGEST}${digits(32)}`,
      `${DIGEST}${digits(64)}, algorithm=SHA-256, qop=auth, cnonce="", nc=0000000a`,
      `${DIGEST}""`,
      'NTLM x=y',
    ],
    [
      ...['"0"', digits(31), `"${'g'.repeat(32)}"`, `"${'A'.repeat(32)}"`, 'x'].map(
        (response) => `${DIGEST}${response}`,
      ),
      ...['0000000g', '000000001', '0000001', '0000000A', 'x00000001'].map(
        (nc) => `${DIGEST}${digits(32)}, qop=auth, cnonce="c", nc=${nc}`,
      ),
      `${DIGEST}${digits(32)}, cnonce="c"`,
      `${DIGEST}${digits(32)}, NTLM x=y`,
      'BASIC x=y',
    ],
  ],
  ['Proxy-Authorization', [`${DIGEST}${digits(32)}`], ['', 'Digest x=y']],
  ['X-Anything', ['', ';;,,""<'], []],
]

describe('values at both sides of the border', () => {
  it.each(TABLE)('%s', (name, right, wrong) => {
    expect(right.filter((value) => codes(name, value).length > 0)).toEqual([])
    expect(wrong.filter((value) => codes(name, value).length === 0)).toEqual([])
  })
})
