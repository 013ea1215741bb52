/** ICE in session descriptions: RFC 8839 §5. Pure text work. */
import type { MediaDescription, SdpSection } from './section.js'

export interface IceCandidate {
  readonly foundation: string
  /** 1: RTP, 2: RTCP. */
  readonly component: number
  readonly transport: string
  readonly priority: number
  readonly address: string
  readonly port: number
  /** `host`, `srflx`, `prflx`, `relay`, or one of an extension. */
  readonly type: string
  /** It tells the address behind it: raddr and rport. */
  readonly isRelated: boolean
}

export interface IceCredentials {
  readonly ufrag: string
  readonly password: string
}

/** What one side says about one m= line. */
export interface IceDescription extends IceCredentials {
  readonly candidates: readonly IceCandidate[]
  /** Lines that are no candidates by the grammar. */
  readonly unreadable: readonly string[]
  readonly isLite: boolean
}

const CANDIDATE =
  /^([\w+/]{1,32}) (\d{1,3}) (\S+) (\d{1,10}) ([^ ]+) (\d{1,5}) typ (\S+)( raddr \S+)?( rport \d{1,5})?( .*)?$/i

/** The value of a=candidate; undefined: not as the grammar of §5.1 has it. */
export function parseCandidate(value: string): IceCandidate | undefined {
  const [found, foundation = '', component, transport = '', priority, address = '', port, type = '', related] =
    CANDIDATE.exec(value.trimEnd()) ?? []
  const number = Number(priority)
  if (found === undefined || number < 1 || number > 2 ** 31 - 1 || Number(port) > 65_535) return undefined
  return {
    foundation,
    component: Number(component),
    transport: transport.toUpperCase(),
    priority: number,
    address,
    port: Number(port),
    type: type.toLowerCase(),
    isRelated: related !== undefined,
  }
}

export function formatCandidate(candidate: Omit<IceCandidate, 'isRelated'>): string {
  const { foundation, component, transport, priority, address, port, type } = candidate
  return `${foundation} ${component} ${transport} ${priority} ${address} ${port} typ ${type}`
}

/** §4.2.5: undefined where ICE is not offered, or not answered. */
export function iceOf(session: SdpSection, media: MediaDescription): IceDescription | undefined {
  const ufrag = media.attribute('ice-ufrag') ?? session.attribute('ice-ufrag')
  const password = media.attribute('ice-pwd') ?? session.attribute('ice-pwd')
  if (ufrag === undefined || password === undefined) return undefined
  const lines = media.attributes('candidate')
  return {
    ufrag,
    password,
    candidates: lines.flatMap((line) => parseCandidate(line) ?? []),
    unreadable: lines.filter((line) => parseCandidate(line) === undefined),
    isLite: session.attribute('ice-lite') !== undefined,
  }
}

/** §4.2.5: does the address of c= and m= stand among the candidates? One that stands for none, or a name, is none to look for. */
export function defaultIsCandidate(media: MediaDescription, { candidates }: IceDescription): boolean {
  const address = media.connection?.address ?? ''
  if (media.port === 9 && (address === '0.0.0.0' || address === '::')) return true
  if (!/^[\d.]+$/.test(address) && !address.includes(':')) return true
  return candidates.some(
    (one) => one.component === 1 && one.port === media.port && one.address.toLowerCase() === address.toLowerCase(),
  )
}

/** RFC 8445 §5.1.2.1, for the only candidate of a kind. @param typePreference 126: host, 110: peer-reflexive */
export const priorityOf = (component: number, typePreference = 126, localPreference = 65_535): number =>
  2 ** 24 * typePreference + 2 ** 8 * localPreference + (256 - component)
