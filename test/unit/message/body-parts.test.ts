import { describe, expect, it } from 'vitest'
import { bodyOfMessage, sessionDescriptionIn } from '../../../src/message/body-parts.js'
import { createRequest } from '../../../src/message/build.js'

const message = (contentType: string | undefined, body: string) =>
  createRequest({
    method: 'INVITE',
    uri: 'sip:bob@example.net',
    from: { uri: 'sip:alice@example.net', tag: 'a' },
    to: { uri: 'sip:bob@example.net' },
    callId: 'c',
    cseq: 1,
    body,
    contentType,
  })

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n'

describe('a body (RFC 5621 §4)', () => {
  it('of one piece is its own only part', () => {
    expect(bodyOfMessage(message('Application/SDP;level=1', SDP))).toMatchObject({
      type: 'application/sdp',
      optional: false,
      parts: undefined,
    })
    expect(sessionDescriptionIn(message('Application/SDP;level=1', SDP))).toBe(SDP)
    expect(sessionDescriptionIn(message('text/plain', SDP))).toBeUndefined()
    expect(sessionDescriptionIn(message('application/sdp', ''))).toBeUndefined()
  })

  it('of several parts is read with prologue, epilogue, headers in any case, and bytes as they are', () => {
    const body = bodyOfMessage(
      message(
        'multipart/mixed; boundary=x',
        [
          'nobody reads this --x',
          '--x  ',
          'content-type: application/isup; version=itu-t92+',
          'CONTENT-DISPOSITION: signal ; handling=OPTIONAL',
          '',
          '\u0001\u0000--x\r\r\n',
          '--xy',
          '--x',
          '',
          'no headers',
          '--x--',
          'nor this',
          '--x',
        ].join('\r\n'),
      ),
    )
    expect(
      body.parts?.map(({ type, disposition, optional, content }) => [type, disposition, optional, String(content)]),
    ).toEqual([
      ['application/isup', 'signal', true, '\u0001\u0000--x\r\r\n\r\n--xy'],
      [undefined, undefined, false, 'no headers'],
    ])
  })

  it('nested: the session is found wherever it stands, and no other description is taken for it', () => {
    const inner = `--in\nContent-Type: application/sdp\n\n${SDP}\n--in--`
    const early = `Content-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\nv=1\r\n`
    const outer = `--out\r\n${early}\r\n--out\r\nContent-Type: multipart/alternative;boundary=in\r\n\r\n${inner}\r\n--out--`
    expect(sessionDescriptionIn(message('multipart/mixed;boundary="out"', outer))).toBe(SDP)
  })

  it('that is cut off, has no boundary or is nested without end does no harm', () => {
    const cut = `--x\r\nContent-Type: application/sdp\r\n\r\n${SDP}`
    expect(sessionDescriptionIn(message('multipart/mixed;boundary=x', cut))).toBe(SDP)
    for (const type of ['multipart/mixed', 'multipart/mixed;boundary=', 'multipart/mixed;boundary="x', 'multipart/;;='])
      expect(sessionDescriptionIn(message(type, cut))).toBeUndefined()

    const deep = 'Content-Type: multipart/mixed;boundary=x\r\n\r\n--x\r\n'.repeat(2000)
    expect(sessionDescriptionIn(message('multipart/mixed;boundary=x', `--x\r\n${deep}`))).toBeUndefined()
    const many = bodyOfMessage(message('multipart/mixed;boundary=x', '--x\r\n\r\na\r\n'.repeat(50_000)))
    expect(many.parts).toHaveLength(64)
  })

  /** What is read of it: type, disposition, whether it is optional, encoding, content, parts. */
  type Read = readonly [string | undefined, string | undefined, boolean, string | undefined, string, number | undefined]
  const read = (text: string, type = 'multipart/mixed;boundary=x') =>
    bodyOfMessage(message(type, text)).parts?.map(
      ({ type: t, disposition, optional, encoding, content, parts }): Read => [
        t,
        disposition,
        optional,
        encoding,
        content.toString(),
        parts?.length,
      ],
    )
  const plain = (content: string): Read => [undefined, undefined, false, undefined, content, undefined]
  it.each<[string, Read[] | undefined]>([
    ['--x\r\n\r\na\r\n--x--', [plain('a')]],
    ['--x\n\na\n--x--', [plain('a')]],
    ['--x\r\n\r\na\n\r\n--x--', [plain('a\n')]],
    ['--x\r\n\r\n\r\n--x--', [plain('')]],
    ['--x\r\n--x--', [plain('')]],
    ['--x\r\n\r\na\r\n--x\r\n\r\nb\r\n--x--\r\n--x\r\n\r\nc', [plain('a'), plain('b')]],
    ['--x\r\n\r\na\r\n--x-\r\n--x --\r\n--x', [plain('a\r\n--x-')]],
    ['--x\r\n\r\na', [plain('a')]],
    ['--x\r\nA: b', [plain('')]],
    ['--x\r\n', undefined],
    ['--x', undefined],
    ['-x\r\n\r\na', undefined],
    ['a--x\r\n\r\nb', undefined],
    ['', undefined],
    [
      '--x\r\nContent-Type : Text/Plain ; a=b\r\nno field\r\n: x\r\nContent-Encoding:\tGZIP \r\nContent-Disposition:  Signal;handling=Optional\r\n\r\nc\r\n--x--',
      [['text/plain', 'signal', true, 'gzip', 'c', undefined]],
    ],
    [
      '--x\r\nContent-Disposition: a;handling=required\r\n\r\nb\r\n--x--',
      [[undefined, 'a', false, undefined, 'b', undefined]],
    ],
    ['--x\r\nContent-Disposition: a;handling\r\n\r\nb\r\n--x--', [[undefined, 'a', false, undefined, 'b', undefined]]],
    ['--x\r\nContent-Disposition: a;"\r\n\r\nb\r\n--x--', [[undefined, 'a', false, undefined, 'b', undefined]]],
  ])('%j', (text, parts) => expect(read(text)).toEqual(parts))

  it('has parts in a multipart with a boundary only', () => {
    const text = '--x\r\n\r\na\r\n--x--'
    expect(read(text, 'Multipart/Mixed; Boundary="x"')).toHaveLength(1)
    for (const type of [
      'text/plain;boundary=x',
      'multipart/mixed',
      'multipart/mixed;boundary=""',
      'multipart/mixed;boundary',
    ])
      expect(read(text, type)).toBeUndefined()
  })

  it('is read eight levels deep', () => {
    const nested = (levels: number) => {
      let text = SDP
      for (let level = levels; level > 0; level--) {
        const type = level === levels ? 'application/sdp' : `multipart/mixed;boundary=b${level + 1}`
        text = `--b${level}\r\nContent-Type: ${type}\r\n\r\n${text}\r\n--b${level}--`
      }
      return message('multipart/mixed;boundary=b1', text)
    }
    expect(sessionDescriptionIn(nested(8))).toBe(SDP)
    expect(sessionDescriptionIn(nested(9))).toBeUndefined()
  })

  it('has a session where its disposition says so, or nothing (RFC 3261 §13.2.1)', () => {
    const session = (headers: string, content = SDP) =>
      sessionDescriptionIn(message('multipart/mixed;boundary=x', `--x\r\n${headers}\r\n\r\n${content}\r\n--x--`))
    expect(session('Content-Type: application/sdp')).toBe(SDP)
    expect(session('Content-Type: application/sdp\r\nContent-Disposition: Session')).toBe(SDP)
    expect(session('Content-Type: application/sdp\r\nContent-Disposition: early-session')).toBeUndefined()
    expect(session('Content-Type: text/plain')).toBeUndefined()
    expect(
      sessionDescriptionIn(
        message('text/plain;boundary=x', `--x\r\nContent-Type: application/sdp\r\n\r\n${SDP}\r\n--x--`),
      ),
    ).toBeUndefined()
    expect(session('Content-Type: application/sdp', '')).toBeUndefined()
    expect(sessionDescriptionIn(message(undefined, SDP))).toBeUndefined()
  })
})
