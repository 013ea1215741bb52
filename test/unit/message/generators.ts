import * as fc from 'fast-check'

/** Valid messages in all the dresses that the grammar allows, as far as the peers of the differential tests know them. */

const chars = (set: string, minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...set.split('')), { minLength, maxLength }).map((list) => list.join(''))

const ALPHANUM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
export const token = chars(`${ALPHANUM}-.!*_+'~`, 1, 12)
const word = chars(ALPHANUM, 1, 10)
const host = fc.oneof(
  fc.tuple(word, word).map(([a, b]) => `${a}.x${b}.example`),
  fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `192.0.${a}.${b}`),
)
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined })
const portText = (p: number | undefined) => (p === undefined ? '' : `:${p}`)

const user = chars(`${ALPHANUM}-_.!~*'()&=+$`, 1, 12)
const uri = fc
  .tuple(fc.constantFrom('sip', 'sips'), fc.option(user, { nil: undefined }), host, fc.boolean())
  .map(([scheme, u, h, lr]) => `${scheme}:${u === undefined ? '' : `${u}@`}${h}${lr ? ';x=y' : ''}`)

const quoted = fc
  .array(fc.oneof(fc.constantFrom(',', ';', '<', '>', '@', ' ', '\\"', '\\\\', ':', '?', 'ü', '電'), word), {
    maxLength: 6,
  })
  .map((list) => `"${list.join('')}"`)
const display = fc.oneof(
  fc.constant(''),
  quoted,
  fc.array(word, { minLength: 1, maxLength: 3 }).map((list) => `${list.join(' ')} `),
)

const params = (names: readonly string[]) =>
  fc
    .uniqueArray(fc.constantFrom(...names), { maxLength: names.length })
    .chain((list) =>
      fc.tuple(
        ...list.map((name) =>
          fc.option(word, { nil: undefined }).map((v) => (v === undefined ? `;${name}` : `;${name}=${v}`)),
        ),
      ),
    )
    .map((list) => list.join(''))

const address = (tag: boolean) =>
  fc
    .tuple(display, uri, params(['Foo', 'bar', 'baz']), word)
    .map(([name, u, rest, t]) => `${name}<${u}>${rest}${tag ? `;tag=${t}` : ''}`)

const via = fc
  .tuple(fc.constantFrom('UDP', 'TCP', 'TLS', 'SCTP'), host, port, params(['alias', 'foo']), word)
  .map(([transport, h, p, rest, branch]) => `SIP/2.0/${transport} ${h}${portText(p)};branch=z9hG4bK${branch}${rest}`)

/** A name in one of its spellings. */
const spelling = (name: string, compact?: string) =>
  fc.constantFrom(
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    ...(compact === undefined ? [] : [compact, compact.toUpperCase()]),
  )

const colon = fc.constantFrom(': ', ':', ' : ', ':  ')
const line = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  fc.tuple(name, colon, value).map(([n, c, v]) => `${n}${c}${v}\r\n`)

/** A list over one line or several. */
const lines = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>, least: number) =>
  fc
    .array(fc.tuple(name, colon, value, fc.constantFrom('line', ', ', ',')), { minLength: least, maxLength: 4 })
    .map((list) => {
      let text = ''
      for (const [n, c, v, joint] of list) {
        if (text !== '' && joint !== 'line') text = `${text.slice(0, -2)}${joint}${v}\r\n`
        else text += `${n}${c}${v}\r\n`
      }
      return text
    })

const other = fc
  .tuple(
    word,
    fc.array(fc.oneof(word, fc.constantFrom(' ', ',', ';', '"', '<', '\r\n ', '\r\n\t  ')), { maxLength: 8 }),
  )
  .map(
    // A line must not be of white space alone, nor end in it for the peers.
    ([name, parts]) => `X-${name}: a${parts.join('')}z\r\n`,
  )

const method = fc.constantFrom('INVITE', 'REGISTER', 'OPTIONS', 'MESSAGE', 'FOO')

export const validMessage = fc
  .tuple(
    fc.boolean(),
    method,
    uri,
    lines(spelling('Via', 'v'), via, 1),
    line(spelling('From', 'f'), address(true)),
    line(spelling('To', 't'), address(true)),
    line(
      spelling('Call-ID', 'i'),
      fc.tuple(token, host).map(([a, b]) => `${a}@${b}`),
    ),
    fc.nat(0x7fff_ffff),
    line(spelling('Contact', 'm'), address(false)),
    fc.array(other, { maxLength: 4 }),
    fc.array(word, { maxLength: 4 }),
  )
  .chain(([isRequest, name, target, vias, from, to, callId, seq, contact, others, body]) => {
    const content = body.join('\r\n')
    const fields = [
      from,
      to,
      callId,
      `CSeq: ${seq} ${name}\r\n`,
      contact,
      'Max-Forwards: 70\r\n',
      ...(content === '' ? [] : ['c: text/plain\r\n']),
      `Content-Length: ${Buffer.byteLength(content)}\r\n`,
    ]
    const start = isRequest ? `${name} ${target} SIP/2.0\r\n` : 'SIP/2.0 200 All is well\r\n'
    return fc
      .shuffledSubarray([...fields, vias, ...others], { minLength: fields.length + others.length + 1 })
      .map((list) => `${start}${list.join('')}\r\n${content}`)
  })
