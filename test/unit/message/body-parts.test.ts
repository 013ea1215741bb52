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
})
