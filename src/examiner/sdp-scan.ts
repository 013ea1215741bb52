/** One quick pass over a session description: just what the standing checks ask of every message, also under load. */
import { createHash } from 'node:crypto'

export interface ScannedMedia {
  readonly kind: string
  port: number
  readonly protocol: string
  /** 'IP4' or 'IP6', its own or the session's. */
  addressType: string
  address: string
  readonly payloadTypes: readonly number[]
  /** Of telephone-event. */
  readonly eventTypes: readonly number[]
  /** Fingerprints of the keys of a=crypto; never the keys. */
  readonly keys: readonly string[]
}

export interface ScannedSdp {
  /** o= but for the version; '' without o=. */
  readonly origin: string
  readonly version: string
  readonly media: readonly ScannedMedia[]
  /** Fingerprint of all lines but o=; '' where it is not needed. */
  readonly body: string
}

type Draft = { -readonly [K in keyof ScannedMedia]: ScannedMedia[K] } & {
  payloadTypes: number[]
  eventTypes: number[]
  keys: string[]
}

export function scanSdp(text: string, withBody = true): ScannedSdp {
  let origin = ''
  let version = ''
  let sessionType = ''
  let sessionAddress = ''
  let originLine = ''
  let current: Draft | undefined
  const media: Draft[] = []
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    const stop = end > at && text.charCodeAt(end - 1) === 13 ? end - 1 : end
    if (text.charCodeAt(at + 1) === 61) {
      switch (text.charCodeAt(at)) {
        case 111: {
          // o=
          originLine = text.slice(at, stop)
          const fields = fieldsOf(originLine.slice(2))
          version = fields[2] ?? ''
          fields.splice(2, 1)
          origin = fields.join(' ')
          break
        }
        case 99: {
          // c=
          const [, type = '', address = ''] = fieldsOf(text.slice(at + 2, stop))
          const bare = address.split('/')[0] ?? ''
          if (current === undefined) {
            sessionType = type
            sessionAddress = bare
          } else {
            current.addressType = type
            current.address = bare
          }
          break
        }
        case 109: {
          // m=
          const [kind = '', port = '', protocol = '', ...formats] = fieldsOf(text.slice(at + 2, stop))
          current = {
            kind,
            port: Number.parseInt(port, 10) || 0,
            protocol: protocol.toUpperCase(),
            addressType: sessionType,
            address: sessionAddress,
            payloadTypes: formats.map(Number).filter((type) => type >= 0 && type < 128),
            eventTypes: [],
            keys: [],
          }
          media.push(current)
          break
        }
        case 97: {
          // a=
          if (current === undefined) break
          if (text.startsWith('rtpmap:', at + 2)) {
            const [type = '', encoding = ''] = text
              .slice(at + 9, stop)
              .trim()
              .split(/\s+/)
            if (/^telephone-event\//i.test(encoding)) current.eventTypes.push(Number(type))
          } else if (text.startsWith('crypto:', at + 2)) {
            for (const [, key = ''] of text.slice(at + 9, stop).matchAll(/inline:([^|;\s]+)/gi))
              current.keys.push(fingerprint(key.replace(/=+$/, '')))
          }
          break
        }
        default:
      }
    }
    at = end + 1
  }
  return { origin, version, media, body: withBody ? fingerprint(text.replace(originLine, '').trimEnd()) : '' }
}

/** Fields between spaces; spaces too many are read over, as whoever uses the description does. */
function fieldsOf(value: string): string[] {
  const fields = value.split(' ')
  return fields.includes('') ? fields.filter((field) => field !== '') : fields
}

/** By which keys can be compared and from which they cannot be told. */
function fingerprint(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('base64').slice(0, 22)
}
