// Session descriptions of one audio stream: what is offered is answered with one codec and telephone-event. RFC 4566, RFC 3264.

/** RFC 3551 §6. */
const codecs = { 0: 'PCMU', 8: 'PCMA' }
const TONES = 101

/** @returns `{ address, port, codec, payloadType, tones, direction, at, lines }` of the first usable audio line; `lines`: all m= lines, in words; undefined where there is none */
export function read(text) {
  const [head, ...media] = text.split(/^(?=m=)/m)
  const lineOf = (part, letter) => new RegExp(`^${letter}=(.*?)\r?$`, 'm').exec(part)?.[1]
  const address = (part) => (lineOf(part, 'c') ?? lineOf(head, 'c'))?.split(' ')[2]
  const direction = (part) => /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(part)?.[1]
  for (const [at, part] of media.entries()) {
    const [kind, port, profile, ...formats] = (lineOf(part, 'm') ?? '').split(' ')
    if (kind !== 'audio' || !/^RTP\/AVPF?$/.test(profile) || !isPort(Number(port))) continue
    const named = (format) => new RegExp(`^a=rtpmap:${format} ([^/\r\n]+)/8000`, 'm').exec(part)?.[1].toUpperCase()
    const name = (format) => named(format) ?? codecs[format]
    const payloadType = formats.find((format) => Object.values(codecs).includes(name(format)))
    if (payloadType === undefined) continue
    const tones = formats.find((format) => name(format) === 'TELEPHONE-EVENT')
    return {
      address: address(part),
      port: Number(port),
      codec: name(payloadType),
      payloadType: Number(payloadType),
      tones: tones === undefined ? undefined : Number(tones),
      direction: direction(part) ?? direction(head) ?? 'sendrecv',
      at,
      lines: media.map((one) => (lineOf(one, 'm') ?? '').split(' ')),
    }
  }
  return undefined
}

const isPort = (port) => Number.isInteger(port) && port > 0 && port < 65_536

const mirrored = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' }

/** @param ours `{ address, port, id, version }` */
const head = ({ address, id, version }) => [
  'v=0',
  `o=- ${id} ${version} IN IP4 ${address}`,
  's=-',
  `c=IN IP4 ${address}`,
  't=0 0',
]

const audio = ({ port }, { payloadType, codec, tones }, direction) => [
  `m=audio ${port} RTP/AVP ${payloadType}${tones === undefined ? '' : ` ${tones}`}`,
  `a=rtpmap:${payloadType} ${codec}/8000`,
  ...(tones === undefined ? [] : [`a=rtpmap:${tones} telephone-event/8000`, `a=fmtp:${tones} 0-15`]),
  'a=ptime:20',
  `a=${direction}`,
]

/** RFC 3264 §6: as many lines as were offered; all but the one that is taken are refused. */
export const answer = (offer, ours) =>
  lines([
    ...head(ours),
    ...offer.lines.flatMap(([kind, , profile, ...formats], at) =>
      at === offer.at ? audio(ours, offer, mirrored[offer.direction]) : [`m=${kind} 0 ${profile} ${formats.join(' ')}`],
    ),
  ])

export const offer = (ours) =>
  lines([
    ...head(ours),
    `m=audio ${ours.port} RTP/AVP 8 0 ${TONES}`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:0 PCMU/8000',
    `a=rtpmap:${TONES} telephone-event/8000`,
    `a=fmtp:${TONES} 0-15`,
    'a=ptime:20',
    'a=sendrecv',
  ])

const lines = (all) => all.map((line) => `${line}\r\n`).join('')
