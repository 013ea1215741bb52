import { describe, expect, it } from 'vitest'
import { parseMessage } from '../../../src/message/parse.js'

/**
 * What strict mode says of one wrong header field: `NAME: VALUE => CODE | SECTION | EXPECTED | ACTUAL | STATUS`, several joined by `&&`.
 * The section is where the field is defined, unless another one is broken. A status is there where a server cannot do without the field.
 */
const ADDRESSES = `
Via: SIP/2.0/UDP => via-malformed | RFC 3261 §20.42 | a value | transport and sent-by expected at "UDP" | 400
Via: SIP/2.0 => via-malformed | RFC 3261 §20.42 | a value | sent-protocol expected at "SIP/2.0" | 400
Via: SIP/2.0/UDP h: => via-malformed | RFC 3261 §20.42 | a value | port expected at "" | 400
Via: SIP/2.0/UDP h:65536;branch=z9hG4bK1 => via-malformed | RFC 3261 §20.42 | a value | port expected at "65536;branch=z9hG4bK1" | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;ttl=256 => via-malformed | RFC 3261 §20.42 | a ttl from 0 to 255 | 256 | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;ttl => via-malformed | RFC 3261 §20.42 | a ttl from 0 to 255 | nothing | 400
Via: HTTP/1.1/UDP h;branch=z9hG4bK1 => via-malformed | RFC 3261 §8.1.1.7 | SIP/2.0 | HTTP/1.1 | 400
Via: SIP/2.0/U@P h;branch=z9hG4bK1 => via-malformed | RFC 3261 §20.42 | SIP/2.0/ and a transport | SIP/2.0/U@P h;branch=z9h | 400
Via: S@P/2.0/UDP h;branch=z9hG4bK1 => via-malformed | RFC 3261 §20.42 | SIP/2.0/ and a transport | S@P/2.0/UDP h;branch=z9h | 400
Via: SIP/2@0/UDP h;branch=z9hG4bK1 => via-malformed | RFC 3261 §20.42 | SIP/2.0/ and a transport | SIP/2@0/UDP h;branch=z9h | 400
Via: SIP/2.0/UDP h_1;branch=z9hG4bK1 => via-malformed | RFC 3261 §20.42 | a host | h_1 | 400
Via: SIP/2.0/UDP [1::2::3];branch=z9hG4bK1 => via-malformed | RFC 3261 §20.42 | a host | 1::2::3 | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport=x => via-rport-malformed | RFC 3581 §3 | a port or nothing | x | -
Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport=123456 => via-rport-malformed | RFC 3581 §3 | a port or nothing | 123456 | -
Via: SIP/2.0/UDP h;branch=z9hG4bK1;received=host => via-malformed | RFC 3261 §20.42 | an address in received | host | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;received => via-malformed | RFC 3261 §20.42 | an address in received | nothing | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;received=[::1] => via-received-brackets | RFC 5118 §4.5 | an address without brackets | [::1] | -
Via: SIP/2.0/UDP h;branch="z9hG4bK 1" => via-malformed | RFC 3261 §20.42 | a token as branch | z9hG4bK 1 | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;x=@ => via-malformed | RFC 3261 §20.42 | a token, a host or a quoted string | @ | 400
Via: SIP/2.0/UDP h;branch=z9hG4bK1;b;B => parameter-repeated | RFC 3261 §7.3.1 | each parameter once | b | -
Via: SIP/2.0/UDP h;branch=z9hG4bK1, => via-malformed | RFC 3261 §20.42 | no empty list items | , | 400
Via:  => via-malformed | RFC 3261 §20.42 | a value | nothing | 400
Via: SIP/2.0/UDP h;branch => via-malformed | RFC 3261 §20.42 | a token as branch | nothing | 400
Via: SIP/2.0/UDP h;branch=1 => via-branch-cookie | RFC 3261 §8.1.1.7 | a branch that starts with z9hG4bK | 1 | -
Via: SIP/2.0/UDP h;branch=z9hG4bK => via-branch-empty | RFC 3261 §8.1.1.7 | a branch that is unique | z9hG4bK | -
Via: SIP/2.0/UDP h => via-branch-missing | RFC 3261 §8.1.1.7 | a branch | none | -
Via: SIP/2.0/UDP h;branch="z9 => quoted-string-open | RFC 3261 §25.1 | a value | quote not closed at ""z9" | 400
Via: SIP/2.0/UDP h;=1 => parameter-malformed | RFC 3261 §25.1 | a value | parameter without a name | 400
Via: SIP/2.0/UDP h;a b => parameter-malformed | RFC 3261 §25.1 | a value | ';' expected at "b" | 400
From: sip:a@b?x=y;tag=1 => address-needs-brackets | RFC 3261 §20.10 | angle brackets around a URI with , or ? | sip:a@b?x=y | 400
From: Al@ice <sip:a@b>;tag=1 => display-name-malformed | RFC 3261 §25.1 | tokens or a quoted string | Al@ice | 400
From: "Al" < sip:a@b>;tag=1 => from-malformed | RFC 3261 §20.20 | no white space around the URI | < sip:a@b>;tag=1 | 400
From: "Al" <sip:a@b >;tag=1 => from-malformed | RFC 3261 §20.20 | no white space around the URI | <sip:a@b >;tag=1 | 400
From: "Al => quoted-string-open | RFC 3261 §25.1 | a value | quote not closed in ""Al" | 400
From: "Al" sip:a@b;tag=1 => address-malformed | RFC 3261 §25.1 | a value | '<' expected after the display name at "sip:a@b;tag=1" | 400
From: <sip:a@b => address-malformed | RFC 3261 §25.1 | a value | '>' missing after "<sip:a@b" | 400
From:  => address-malformed | RFC 3261 §25.1 | a value | no URI in "" | 400
From: <>;tag=1 => address-malformed | RFC 3261 §25.1 | a value | no URI in "<>;tag=1" | 400
From: <sip:a@b:5060;transport=udp;maddr=h;ttl=1;lr;method=INVITE?a=b>;tag=1 => uri-component-forbidden | RFC 3261 §19.1.1 | a URI without it | port, maddr, ttl, transport, lr, method, headers | -
From: <sip:a@b>;tag=a@b => from-malformed | RFC 3261 §20.20 | a token, a host or a quoted string | a@b | 400
From: <sip:a@b>;tag => from-malformed | RFC 3261 §20.20 | a token as tag | nothing | 400 && from-tag-missing | RFC 3261 §8.1.1.3 | a tag | none | -
From: <sip:a@b>;tag=1;TAG=2 => parameter-repeated | RFC 3261 §7.3.1 | each parameter once | tag | -
From: <sip:a@b>;tag=1 x => parameter-malformed | RFC 3261 §25.1 | a value | ';' expected at "x" | 400
From: <sip:a@b> => from-tag-missing | RFC 3261 §8.1.1.3 | a tag | none | -
From: <sip:a#b@c>;tag=1 => from-malformed | RFC 3261 §20.20 | a URI | user part "a#b" | 400
From: <http>;tag=1 => from-malformed | RFC 3261 §20.20 | a URI | a scheme was expected in "http" | 400
To: <sip:bob@example.com:5060> => uri-component-forbidden | RFC 3261 §19.1.1 | a URI without it | port | -
To: <sip:bob@example.com?x=y> => uri-component-forbidden | RFC 3261 §19.1.1 | a URI without it | headers | -
Route: sip:a@b => route-malformed | RFC 3261 §20.34 | a URI in angle brackets | sip:a@b | 400
Route: <sip:a@b;ttl=1> => uri-component-forbidden | RFC 3261 §19.1.1 | a URI without it | ttl | -
Route: <sip:a@b;method=X?y=z> => uri-component-forbidden | RFC 3261 §19.1.1 | a URI without it | method, headers | -
Route: <sip:a@b>,,<sip:c@d> => route-malformed | RFC 3261 §20.34 | no empty list items | ,,<sip:c@d> | 400
Record-Route: sip:a => record-route-malformed | RFC 3261 §20.30 | a URI in angle brackets | sip:a | 400
Path: sip:a => path-malformed | RFC 3327 §4 | a URI in angle brackets | sip:a | -
Service-Route: sip:a => service-route-malformed | RFC 3608 §5 | a URI in angle brackets | sip:a | -
Reply-To: x => reply-to-malformed | RFC 3261 §20.31 | a URI | a scheme was expected in "x" | -
Refer-To: x => refer-to-malformed | RFC 3515 §2.1 | a URI | a scheme was expected in "x" | -
Referred-By: x => referred-by-malformed | RFC 3892 §3 | a URI | a scheme was expected in "x" | -
P-Asserted-Identity: x => p-asserted-identity-malformed | RFC 3325 §9.1 | a URI | a scheme was expected in "x" | -
P-Preferred-Identity: x => p-preferred-identity-malformed | RFC 3325 §9.2 | a URI | a scheme was expected in "x" | -
P-Asserted-Identity:  => p-asserted-identity-malformed | RFC 3325 §9.1 | a value | nothing | -
Contact: *, <sip:a@b> => contact-malformed | RFC 3261 §20.10 | the wildcard alone | * | 400
Contact: * => contact-wildcard-misplaced | RFC 3261 §10.2.2 | a URI, or REGISTER with Expires: 0 | * | 400
Contact: <sip:a@b>;q=1.5 => contact-q-malformed | RFC 3261 §20.10 | a q from 0 to 1 with three decimals at most | 1.5 | -
Contact: <sip:a@b>;q => contact-q-malformed | RFC 3261 §20.10 | a q from 0 to 1 with three decimals at most | nothing | -
Contact: <sip:a@b>;expires=-1 => contact-expires-malformed | RFC 3261 §20.10 | seconds below 2^32 | -1 | -
Contact: <sip:a@b>;expires => contact-expires-malformed | RFC 3261 §20.10 | seconds below 2^32 | nothing | -
Contact: <sip:a@b>;expires=4294967296 => contact-expires-malformed | RFC 3261 §20.10 | seconds below 2^32 | 4294967296 | -
Contact:  => contact-malformed | RFC 3261 §20.10 | a value | nothing | 400
Contact: <sip:a@b;method=INVITE> => uri-component-forbidden | RFC 3261 §19.1.1 | a URI without it | method | -
Call-ID: a b => call-id-malformed | RFC 3261 §20.8 | word or word@word | a b | 400
Call-ID: a@b@c => call-id-malformed | RFC 3261 §20.8 | word or word@word | a@b@c | 400
Call-ID:  => call-id-malformed | RFC 3261 §20.8 | word or word@word | nothing | 400
CSeq: x => cseq-malformed | RFC 3261 §20.16 | a value | number and method expected, not "x" | 400
CSeq: 1 => cseq-malformed | RFC 3261 §20.16 | a value | number and method expected, not "1" | 400
CSeq: 2147483648 OPTIONS => cseq-range | RFC 3261 §8.1.1.5 | a number below 2^31 | 2147483648 | 400
CSeq: 4294967296 OPTIONS => cseq-range | RFC 3261 §8.1.1.5 | a value | number of 32 bits expected, not 4294967296 OPTIONS | 400
CSeq: 1 A@B => cseq-malformed | RFC 3261 §20.16 | a method | A@B | 400
CSeq: 1 INVITE => cseq-method-mismatch | RFC 3261 §8.1.1.5 | OPTIONS | INVITE | 400
Max-Forwards: 256 => max-forwards-malformed | RFC 3261 §20.22 | a number from 0 to 255 | 256 | -
Max-Forwards: many => max-forwards-malformed | RFC 3261 §20.22 | digits | many | -
Max-Forwards:  => max-forwards-malformed | RFC 3261 §20.22 | digits | nothing | -
Expires: 4294967296 => expires-malformed | RFC 3261 §20.19 | a number from 0 to 4294967295 | 4294967296 | -
Expires: x => expires-malformed | RFC 3261 §20.19 | digits | x | -
Min-Expires: 4294967296 => min-expires-malformed | RFC 3261 §20.23 | a number from 0 to 4294967295 | 4294967296 | -
`

const VALUES = `
Content-Type: application => content-type-malformed | RFC 3261 §20.15 | type/subtype | application | -
Content-Type: a/b;c=@ => content-type-malformed | RFC 3261 §20.15 | a token, a host or a quoted string | @ | -
Content-Disposition: a b => content-disposition-malformed | RFC 3261 §20.11 | ';' and a parameter | b | -
Content-Disposition: @ => content-disposition-malformed | RFC 3261 §20.11 | a token | @ | -
Content-Encoding: @ => content-encoding-malformed | RFC 3261 §20.12 | a token | @ | -
Content-Encoding:  => content-encoding-malformed | RFC 3261 §20.12 | a value | nothing | -
Content-Language: abcdefghi => content-language-malformed | RFC 3261 §20.13 | a language tag | abcdefghi | -
Content-Language: en-abcdefghi => content-language-malformed | RFC 3261 §20.13 | a language tag | en-abcdefghi | -
Accept: x => accept-malformed | RFC 3261 §20.1 | type/subtype | x | -
Accept-Encoding: @ => accept-encoding-malformed | RFC 3261 §20.2 | a token | @ | -
Accept-Language: @ => accept-language-malformed | RFC 3261 §20.3 | a token | @ | -
Alert-Info: http://a => alert-info-malformed | RFC 3261 §20.4 | a URI in angle brackets | http://a | -
Call-Info: <http:> => call-info-malformed | RFC 3261 §20.9 | a URI | nothing follows the scheme | -
Error-Info: <x => error-info-malformed | RFC 3261 §20.18 | a URI in angle brackets | <x | -
Alert-Info:  => alert-info-malformed | RFC 3261 §20.4 | a value | nothing | -
Call-Info:  => call-info-malformed | RFC 3261 §20.9 | a value | nothing | -
Error-Info:  => error-info-malformed | RFC 3261 §20.18 | a value | nothing | -
Allow: A CK => allow-malformed | RFC 3261 §20.5 | a token | A CK | -
Supported: @ => supported-malformed | RFC 3261 §20.37 | a token | @ | -
Require:  => require-malformed | RFC 3261 §20.32 | a value | nothing | -
Require: @ => require-malformed | RFC 3261 §20.32 | a token | @ | -
Proxy-Require:  => proxy-require-malformed | RFC 3261 §20.29 | a value | nothing | -
Unsupported:  => unsupported-malformed | RFC 3261 §20.40 | a value | nothing | -
In-Reply-To: a;b => in-reply-to-malformed | RFC 3261 §20.21 | Call-IDs | a;b | -
In-Reply-To:  => in-reply-to-malformed | RFC 3261 §20.21 | a value | nothing | -
Date: Sat, 13 Nov 2010 24:00:00 GMT => date-malformed | RFC 3261 §20.17 | a date like Sat, 13 Nov 2010 23:29:00 GMT | Sat, 13 Nov 2010 24:00:0 | -
MIME-Version: 1 => mime-version-malformed | RFC 3261 §20.24 | digits.digits | 1 | -
Priority: @ => priority-malformed | RFC 3261 §20.26 | a token | @ | -
Retry-After: soon => retry-after-malformed | RFC 3261 §20.33 | seconds | soon | -
Retry-After: 5 (a => retry-after-malformed | RFC 3261 §20.33 | a closing parenthesis | 5 (a | -
Retry-After: 5 x => retry-after-malformed | RFC 3261 §20.33 | ';' and a parameter | x | -
Timestamp: now => timestamp-malformed | RFC 3261 §20.38 | a decimal number, and a delay | now | -
Warning: 1 x "y" => warning-malformed | RFC 3261 §20.43 | three digits, an agent and a quoted text | 1 x "y" | -
Warning:  => warning-malformed | RFC 3261 §20.43 | a value | nothing | -
Server: a/b/c => server-malformed | RFC 3261 §20.35 | a product or a comment | a/b/c | -
Server: @ => server-malformed | RFC 3261 §20.35 | a product or a comment | @ | -
User-Agent: Phone (unclosed => user-agent-malformed | RFC 3261 §20.41 | a closing parenthesis | (unclosed | -
User-Agent:  => user-agent-malformed | RFC 3261 §20.41 | a product or a comment | nothing | -
User-Agent: a/@ => user-agent-malformed | RFC 3261 §20.41 | a product or a comment | a/@ | -
`

const AUTHENTICATION = `
WWW-Authenticate: Digest => www-authenticate-malformed | RFC 3261 §20.44 | a scheme with parameters | Digest | -
WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", Digest realm="s", nonce="n" => www-authenticate-malformed | RFC 3261 §20.44 | one challenge | Digest realm="r", nonce= | -
WWW-Authenticate: Basic realm="r" => basic-forbidden | RFC 3261 §22.4 | Digest | Basic | -
WWW-Authenticate: Digest nonce="n", qop="auth" => www-authenticate-malformed | RFC 3261 §20.44 | realm | Digest nonce="n", qop="a | -
WWW-Authenticate: Digest realm="r", qop="auth" => www-authenticate-malformed | RFC 3261 §20.44 | nonce | Digest realm="r", qop="a | -
WWW-Authenticate: Digest realm=r, nonce="n", qop="auth" => www-authenticate-malformed | RFC 3261 §20.44 | realm in quotes | realm=r | -
WWW-Authenticate: Digest realm="r", nonce=n, qop="auth" => www-authenticate-malformed | RFC 3261 §20.44 | nonce in quotes | nonce=n | -
WWW-Authenticate: Digest realm="r", nonce="n" => challenge-qop-missing | RFC 3261 §22.4 | qop | none | -
WWW-Authenticate: Digest realm="r", nonce="n", qop=auth => www-authenticate-malformed | RFC 3261 §20.44 | qop in quotes | qop=auth | -
WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", stale="true" => www-authenticate-malformed | RFC 3261 §20.44 | stale without quotes | stale="true" | -
WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm="MD5" => www-authenticate-malformed | RFC 3261 §20.44 | algorithm without quotes | algorithm="MD5" | -
Proxy-Authenticate: Digest => proxy-authenticate-malformed | RFC 3261 §20.27 | a scheme with parameters | Digest | -
Authorization: Digest => authorization-malformed | RFC 3261 §20.7 | a scheme with parameters | Digest | -
Authorization: Basic realm="x" => basic-forbidden | RFC 3261 §22.4 | Digest | Basic | -
Authorization: Digest a=b, Digest c=d => authorization-malformed | RFC 3261 §20.7 | a scheme with parameters | Digest a=b, Digest c=d | -
Authorization: Digest realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | username | Digest realm="r", nonce= | -
Authorization: Digest username="a", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | realm | Digest username="a", non | -
Authorization: Digest username="a", realm="r", uri="x", response="0123456789abcdef0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | nonce | Digest username="a", rea | -
Authorization: Digest username="a", realm="r", nonce="n", response="0123456789abcdef0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | uri | Digest username="a", rea | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x" => authorization-malformed | RFC 3261 §20.7 | response | Digest username="a", rea | -
Authorization: Digest username=a, realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | username in quotes | username | -
Authorization: Digest username="a", realm="r", nonce="n", uri=x, response="0123456789abcdef0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | uri in quotes | uri | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123" => authorization-malformed | RFC 3261 §20.7 | lower-case hexadecimal digits | response | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123456789ABCDEF0123456789abcdef" => authorization-malformed | RFC 3261 §20.7 | lower-case hexadecimal digits | response | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef", qop="auth", cnonce="c", nc=00000001 => authorization-malformed | RFC 7616 §3.4 | qop without quotes | quotes | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef", qop=auth, nc=00000001 => authorization-malformed | RFC 3261 §20.7 | cnonce | Digest username="a", rea | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef", qop=auth, cnonce="c" => authorization-malformed | RFC 3261 §20.7 | nc of eight digits | nothing | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef", qop=auth, cnonce="c", nc=1 => authorization-malformed | RFC 3261 §20.7 | nc of eight digits | 1 | -
Authorization: Digest username="a", realm="r", nonce="n", uri="x", response="0123456789abcdef0123456789abcdef", cnonce="c" => authorization-malformed | RFC 3261 §22.4 | no cnonce without qop | cnonce | -
Proxy-Authorization: Digest => proxy-authorization-malformed | RFC 3261 §20.28 | a scheme with parameters | Digest | -
`

const EXTENSIONS = `
Event: a b => event-malformed | RFC 6665 §8.4 | ';' and a parameter | b | -
Allow-Events:  => allow-events-malformed | RFC 6665 §8.4 | a value | nothing | -
Allow-Events: @ => allow-events-malformed | RFC 6665 §8.4 | a token | @ | -
Subscription-State: @ => subscription-state-malformed | RFC 6665 §8.4 | a token | @ | -
Session-Expires: x;refresher=uac => session-expires-malformed | RFC 4028 §4 | digits | x | -
Session-Expires: 1;refresher=@ => session-expires-malformed | RFC 4028 §4 | a token, a host or a quoted string | @ | -
Session-Expires: 4294967296 => session-expires-malformed | RFC 4028 §4 | a number from 0 to 4294967295 | 4294967296 | -
Min-SE: x => min-se-malformed | RFC 4028 §5 | digits | x | -
RSeq: 0 => rseq-malformed | RFC 3262 §7.1 | a number from 1 to 4294967295 | 0 | -
RSeq: 4294967296 => rseq-malformed | RFC 3262 §7.1 | a number from 1 to 4294967295 | 4294967296 | -
RAck: 1 2 => rack-malformed | RFC 3262 §7.2 | two numbers and a method | 1 2 | -
Reason: @ => reason-malformed | RFC 3326 §2 | a token | @ | -
Reason:  => reason-malformed | RFC 3326 §2 | a value | nothing | -
SIP-ETag: @ => sip-etag-malformed | RFC 3903 §11.3.1 | a token | @ | -
SIP-If-Match: @ => sip-if-match-malformed | RFC 3903 §11.3.2 | a token | @ | -
Content-Length: x => content-length-malformed | RFC 3261 §20.14 | a number of bytes | x | 400
`

const BASE: readonly (readonly [string, string])[] = [
  ['Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;rport'],
  ['Max-Forwards', '70'],
  ['From', '"Alice" <sip:alice@example.com>;tag=a1'],
  ['To', '<sip:bob@example.com>'],
  ['Call-ID', 'call@192.0.2.1'],
  ['CSeq', '1 OPTIONS'],
  ['Content-Length', '0'],
]

/** An OPTIONS with that field in place of its own, or at the end. */
function withField(name: string, value: string): string {
  const lines = BASE.map(([known, good]) => `${known}: ${known === name ? value : good}`)
  if (!BASE.some(([known]) => known === name)) lines.push(`${name}: ${value}`)
  return `OPTIONS sip:bob@example.com SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** What is said of the field that the row has, written as in the table. */
function said(row: string): string {
  const [field = ''] = row.split(' => ')
  const [, name = '', value = ''] = /^([\w-]+): ?(.*)$/.exec(field) ?? []
  const text = withField(name, value)
  const { violations } = parseMessage(Buffer.from(text), { mode: 'strict' })
  const parts = violations.map(({ code, rule, expected, actual, status, offset }) => {
    const place = offset === text.indexOf(`${name}: `) ? '' : ` at ${offset}`
    return `${code} | ${rule} | ${expected.replace(`${name}: `, '')} | ${actual} | ${status ?? '-'}${place}`
  })
  return `${field} => ${parts.join(' && ')}`
}

describe('what strict mode says of a field', () => {
  it.each([
    ['addresses, Via, Call-ID, CSeq and numbers', ADDRESSES],
    ['other fields of RFC 3261', VALUES],
    ['challenges and credentials', AUTHENTICATION],
    ['extensions', EXTENSIONS],
  ])('%s', (_what, table) => {
    const rows = table.trim().split('\n')
    expect(rows.map(said)).toEqual(rows)
  })
})
