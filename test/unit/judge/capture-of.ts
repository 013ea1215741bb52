/** Captures made by hand: messages and packets with their times, as the reader of files gives them. */
import type { Capture, CapturedEvent } from '../../../src/capture/events.js'
import type { Endpoint } from '../../../src/transport/network.js'

const START = Date.UTC(2026, 0, 1)

export const place = (text: string): Endpoint => {
  const at = text.lastIndexOf(':')
  return { address: text.slice(0, at), port: Number(text.slice(at + 1)) }
}

interface Sent {
  /** ms after the start. */
  readonly at: number
  readonly from: string
  readonly to: string
  readonly data: Buffer
}

/** A SIP message: lines, and a body after an empty one. Content-Length is added. */
export function sip(at: number, from: string, to: string, text: string): Sent {
  const [head = '', body = ''] = text.trim().split(/\n\s*\n/)
  const lines = head.split('\n').map((line) => line.trim())
  const bytes =
    body === ''
      ? ''
      : `${body
          .split('\n')
          .map((line) => line.trim())
          .join('\r\n')}\r\n`
  return { at, from, to, data: Buffer.from(`${lines.join('\r\n')}\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`) }
}

/** PCMA, a packet each 20 ms. */
export function audio(
  at: number,
  from: string,
  to: string,
  o: { packets: number; ssrc?: number; skip?: (nth: number) => boolean },
): Sent[] {
  const all: Sent[] = []
  for (let nth = 0; nth < o.packets; nth++) {
    if (o.skip?.(nth) === true) continue
    const data = Buffer.alloc(172, 0xd5)
    data.writeUInt16BE(0x8008, 0)
    data.writeUInt16BE(nth, 2)
    data.writeUInt32BE(160 * nth, 4)
    data.writeUInt32BE(o.ssrc ?? 1, 8)
    all.push({ at: at + 20 * nth, from, to, data })
  }
  return all
}

/** @param until ms after the start, of the last packet of the capture */
export function captureOf(sent: readonly (Sent | Sent[])[], until?: number): Capture {
  const events = sent
    .flat()
    .toSorted((a, b) => a.at - b.at)
    .map(
      ({ at, from, to, data }, index): CapturedEvent => ({
        kind: 'datagram',
        at: START + at,
        from: place(from),
        to: place(to),
        frame: index + 1,
        data,
      }),
    )
  const last = events.at(-1)?.at ?? START
  return {
    events,
    troubles: [],
    packets: events.length,
    from: START,
    until: until === undefined ? last : START + until,
    links: ['Ethernet'],
  }
}

export interface Hop {
  readonly caller: string
  readonly callee: string
  readonly callId?: string
}

const description = (address: string, port: number): string => `
v=0
o=- 1 1 IN IP4 ${address}
s=-
c=IN IP4 ${address}
t=0 0
m=audio ${port} RTP/AVP 8`

const head = ({ caller, callId = 'one@example' }: Hop, cseq: string, branch: string, toTag: string): string => `
Via: SIP/2.0/UDP ${caller};branch=z9hG4bK${branch};rport
From: <sip:1001@example.org>;tag=a
To: <sip:1002@example.org>${toTag}
Call-ID: ${callId}
CSeq: ${cseq}
Max-Forwards: 70`

export const invite = (hop: Hop, media: { address: string; port: number }): string =>
  `INVITE sip:1002@example.org SIP/2.0${head(hop, '1 INVITE', `i-${hop.callId ?? ''}`, '')}
Contact: <sip:1001@${hop.caller}>
Content-Type: application/sdp
${description(media.address, media.port)}`

export const ok = (hop: Hop, contact: string, media: { address: string; port: number }): string =>
  `SIP/2.0 200 OK${head(hop, '1 INVITE', `i-${hop.callId ?? ''}`, ';tag=b')}
Contact: <sip:1002@${contact}>
Content-Type: application/sdp
${description(media.address, media.port)}`

export const ack = (hop: Hop, contact: string): string =>
  `ACK sip:1002@${contact} SIP/2.0${head(hop, '1 ACK', 'a', ';tag=b')}`

/** By the caller. */
export const bye = (hop: Hop, contact: string): string =>
  `BYE sip:1002@${contact} SIP/2.0${head(hop, '2 BYE', 'b', ';tag=b')}`
export const byeOk = (hop: Hop): string => `SIP/2.0 200 OK${head(hop, '2 BYE', 'b', ';tag=b')}`
