/** What a single session description must obey: RFC 8866's grammar (§9) and the rules of the attributes read here. */
import { isIPv4, isIPv6 } from 'node:net'
import { maskSecrets } from '../message/mask.js'
import { parseCrypto } from './crypto-attribute.js'
import type { SdpLine } from './line.js'
import type { SdpViolation } from './violation.js'

const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/
const ONCE = { session: 'vosiuck', media: 'mik' }
const ORDER = { session: 'vosiuepcbtrzka', media: 'micbka' }
// Time descriptions repeat as groups of t=, r= and z=, so the three share a place (RFC 8866 §5).
const placeOf = (level: 'session' | 'media', type: string) =>
  ORDER[level].indexOf(level === 'session' && (type === 'r' || type === 'z') ? 't' : type)

/** Attributes with keys: RFC 4568 §9.1, RFC 4567 §3.1. */
const KEYED = /^(?:crypto|key-mgmt):?/i

type Report = (line: SdpLine | undefined, code: string, rule: string, expected: string, actual?: string) => void

/** All violations, in the order of the sections; none for a description that is right. */
export function checkGrammar(session: readonly SdpLine[], media: readonly (readonly SdpLine[])[]): SdpViolation[] {
  const violations: SdpViolation[] = []
  const report: Report = (line, code, rule, expected, actual) => {
    const was = actual ?? (line === undefined ? 'nothing' : told(line))
    violations.push({ code, rule, offset: line?.offset ?? 0, expected, actual: shorten(maskSecrets(was)) })
  }
  checkForm([session, ...media], report)
  checkHead(session, report)
  checkOrder(session, 'session', report)
  checkLines(session, 'session', report)
  for (const section of media) {
    checkOrder(section, 'media', report)
    checkLines(section, 'media', report)
    checkMedia(section, report)
  }
  const covered = session.some((line) => line.type === 'c')
  for (const section of media) {
    if (!covered && !section.some((line) => line.type === 'c'))
      report(section[0], 'connection-missing', 'RFC 8866 §5.7', 'c= at the session level or in every media description')
  }
  return violations
}

/** A line as it stands, with stars in place of all that follows the name of a key: in a damaged line it may be anywhere. */
function told({ type, value }: SdpLine): string {
  if (type === '') return value
  const kept = type === 'k' ? 0 : KEYED.exec(value)?.[0].length
  return `${type}=${kept === undefined ? value : value.slice(0, kept) + '*'.repeat(value.length - kept)}`
}

function checkForm(sections: readonly (readonly SdpLine[])[], report: Report): void {
  for (const section of sections) {
    for (const line of section) {
      if (line.end !== '\r\n') report(line, 'line-end', 'RFC 8866 §9', 'CRLF', line.end === '' ? 'end of text' : 'LF')
      if (line.type === '') report(line, 'line-form', 'RFC 8866 §5', 'one letter, "=", a value')
      if (line.value === '' && line.type !== '') report(line, 'value-empty', 'RFC 8866 §9', 'at least one octet')
      if (/[\0\r]/.test(line.value)) report(line, 'octet-forbidden', 'RFC 8866 §9', 'no NUL and no CR in a value')
    }
  }
}

function checkHead(session: readonly SdpLine[], report: Report): void {
  const [v, o, s] = session
  if (v?.type !== 'v') report(v, 'version-missing', 'RFC 8866 §5.1', 'v=0 as the first line')
  else if (v.value !== '0') report(v, 'version-unknown', 'RFC 8866 §5.1', '0', v.value)
  const origin = session.find((line) => line.type === 'o')
  if (origin === undefined) {
    report(undefined, 'origin-missing', 'RFC 8866 §5.2', 'o= as the second line')
  } else {
    if (origin !== o) report(origin, 'origin-place', 'RFC 8866 §5', 'o= as the second line')
    checkOrigin(origin, report)
  }
  const name = session.find((line) => line.type === 's')
  if (name === undefined) report(undefined, 'session-name-missing', 'RFC 8866 §5.3', 's=')
  else if (name !== s) report(name, 'session-name-place', 'RFC 8866 §5', 's= as the third line')
  if (!session.some((line) => line.type === 't')) report(undefined, 'time-missing', 'RFC 8866 §5.9', 't=')
}

function checkOrigin(line: SdpLine, report: Report): void {
  const fields = line.value.split(' ')
  if (fields.length !== 6 || fields.includes('')) {
    report(line, 'origin-fields', 'RFC 8866 §5.2', 'six fields, one space between them')
    return
  }
  const [, sessionId = '', version = '', netType = '', addrType = '', address = ''] = fields
  if (!/^\d+$/.test(sessionId)) report(line, 'origin-session-id', 'RFC 8866 §5.2', 'digits', sessionId)
  if (!/^\d+$/.test(version)) report(line, 'origin-version', 'RFC 8866 §5.2', 'digits', version)
  checkAddress(line, netType, addrType, address, 'origin-address', 'RFC 8866 §5.2', report)
}

function checkOrder(section: readonly SdpLine[], level: 'session' | 'media', report: Report): void {
  const seen = new Set<string>()
  let highest = 0
  for (const line of section) {
    if (line.type === '') continue
    const place = placeOf(level, line.type)
    if (place < 0) {
      // RFC 8866 §5: the letters are not to be extended.
      report(line, 'type-unknown', 'RFC 8866 §5', `one of ${ORDER[level].split('').join(' ')}`)
      continue
    }
    if (place < highest) report(line, 'line-order', 'RFC 8866 §5', `${line.type}= before what stands above it`)
    highest = Math.max(highest, place)
    if (ONCE[level].includes(line.type) && seen.has(line.type))
      report(line, 'line-repeated', 'RFC 8866 §5', `one ${line.type}=`)

    seen.add(line.type)
  }
}

function checkLines(section: readonly SdpLine[], level: 'session' | 'media', report: Report): void {
  const directions: string[] = []
  for (const line of section) {
    switch (line.type) {
      case 'c':
        checkConnection(line, report)
        break
      case 'b':
        if (!/^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+:\d+$/.test(line.value))
          report(line, 'bandwidth', 'RFC 8866 §5.8', 'type:number')
        break
      case 't':
        if (!/^(0|[1-9]\d{9,}) (0|[1-9]\d{9,})$/.test(line.value))
          report(line, 'time', 'RFC 8866 §5.9', 'two times of ten digits or more, or 0')

        break
      case 'k':
        report(line, 'key-line', 'RFC 8866 §5.12', 'no k=')
        break
      case 'a':
        checkAttribute(line, level, directions, report)
        break
      default:
    }
  }
}

function checkAttribute(line: SdpLine, level: 'session' | 'media', directions: string[], report: Report): void {
  const colon = line.value.indexOf(':')
  const name = colon < 0 ? line.value : line.value.slice(0, colon)
  const value = colon < 0 ? '' : line.value.slice(colon + 1)
  if (!TOKEN.test(name)) report(line, 'attribute-name', 'RFC 8866 §9', 'a token', KEYED.test(name) ? undefined : name)
  if (colon >= 0 && value === '') report(line, 'attribute-value', 'RFC 8866 §9', 'a value behind the colon')
  switch (name) {
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      if (directions.length > 0) report(line, 'direction-repeated', 'RFC 8866 §6.7', 'one direction', name)
      directions.push(name)
      break
    case 'rtcp':
      // RFC 3605 §2.1: not at the session level.
      if (level === 'session') report(line, 'rtcp-level', 'RFC 3605 §2.1', 'a=rtcp in a media description')
      if (!/^\d{1,5}( \S+ \S+ \S+)?$/.test(value)) report(line, 'rtcp', 'RFC 3605 §2.1', 'port, perhaps an address')
      break
    case 'crypto': {
      if (level === 'session')
        report(line, 'crypto-level', 'RFC 4568 §4', 'a=crypto in a media description', 'a=crypto')
      for (const fault of parseCrypto(value).faults) report(line, fault.code, fault.rule, fault.expected, fault.actual)
      break
    }
    default:
  }
}

function checkConnection(line: SdpLine, report: Report): void {
  const [netType = '', addrType = '', address = '', ...rest] = line.value.split(' ')
  if (address === '' || rest.length > 0) {
    report(line, 'connection-fields', 'RFC 8866 §5.7', 'network type, address type, address')
    return
  }
  checkAddress(line, netType, addrType, address.split('/')[0] ?? '', 'connection-address', 'RFC 8866 §5.7', report)
}

function checkAddress(
  line: SdpLine,
  netType: string,
  addrType: string,
  address: string,
  code: string,
  rule: string,
  report: Report,
): void {
  if (netType !== 'IN') return
  if (addrType !== 'IP4' && addrType !== 'IP6') {
    report(line, code, rule, 'IP4 or IP6', addrType)
    return
  }
  const isName = /^[A-Za-z0-9.-]+$/.test(address) && /[A-Za-z]/.test(address)
  const fits = addrType === 'IP4' ? isIPv4(address) : isIPv6(address) && !address.includes('%')
  if (!fits && !isName) report(line, code, rule, `an ${addrType} address or a host name`, `${addrType} ${address}`)
}

function checkMedia(section: readonly SdpLine[], report: Report): void {
  const line = section[0]
  if (line === undefined) return
  const [media = '', port = '', protocol = '', ...formats] = line.value.split(' ')
  if (formats.length === 0 || [media, port, protocol, ...formats].includes('')) {
    report(line, 'media-fields', 'RFC 8866 §5.14', 'media, port, protocol, at least one format')
    return
  }
  if (!TOKEN.test(media)) report(line, 'media-type', 'RFC 8866 §5.14', 'a token', media)
  const match = /^(\d+)(\/[1-9]\d*)?$/.exec(port)
  if (match === null || Number(match[1]) > 65535) report(line, 'media-port', 'RFC 8866 §5.14', '0 to 65535', port)
  if (!/RTP\/S?AVPF?$/.test(protocol)) return
  const listed = new Set(formats)
  for (const format of formats) {
    if (!/^\d{1,3}$/.test(format) || Number(format) > 127)
      report(line, 'payload-type', 'RFC 8866 §5.14', 'a payload type, 0 to 127', format)
  }
  if (listed.size !== formats.length) report(line, 'payload-type-repeated', 'RFC 8866 §5.14', 'each format once')
  const mapped = new Map<string, string>()
  for (const attribute of section) {
    if (attribute.type !== 'a') continue
    if (attribute.value.startsWith('rtpmap:')) {
      const map = /^rtpmap:(0|[1-9]\d{0,2}) ([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+\/[1-9]\d*(?:\/[1-9]\d*)?)$/.exec(
        attribute.value,
      )
      if (map === null || Number(map[1]) > 127) {
        report(attribute, 'rtpmap', 'RFC 8866 §6.6', 'payload type, space, name/rate')
        continue
      }
      const [, type = '', encoding = ''] = map
      if (mapped.has(type)) report(attribute, 'rtpmap-repeated', 'RFC 8866 §6.6', 'one a=rtpmap for a format')
      mapped.set(type, encoding)
    } else if (attribute.value.startsWith('ptime:')) {
      if (!/^ptime:(?:[1-9]\d*|(?:0|[1-9]\d*)\.\d*[1-9])$/.test(attribute.value))
        report(attribute, 'ptime', 'RFC 8866 §6.4', 'a number of ms above zero')
    }
  }
  for (const format of formats) {
    // RFC 3551 §6: types from 96 on mean nothing without a map.
    if (/^\d{2,3}$/.test(format) && Number(format) >= 96 && Number(format) <= 127 && !mapped.has(format))
      report(line, 'rtpmap-missing', 'RFC 8866 §5.14', `a=rtpmap:${format}`)
  }
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
