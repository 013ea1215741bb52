/** SRTP of one leg that ends at the relay: one context for each direction. */
import { type CryptoAttribute, formatCrypto, isSuiteName } from '../sdp/crypto-attribute.js'
import { parseRtcp } from '../media/rtcp.js'
import { rtpHeaderBytes, uint32At } from '../media/rtp.js'
import { SrtpContext, SrtpError, type SrtpOptions } from '../media/srtp.js'
import { srtpOptionsOf } from '../media/srtp-setup.js'
import { openedCarelessly, withWrongKeys } from './defective-reports.js'
import type { EncryptionRules } from './rules/encryption.js'

export class MediaCipher {
  #inbound: SrtpContext
  #inboundOptions: SrtpOptions
  /** What the device encrypted with before. */
  #inboundBefore: SrtpContext | undefined
  #theirs: string
  /** Of the last packet that was read. */
  #ssrc: number | undefined
  #sequence = 0
  #wentRound = false
  /** A BYE was believed. */
  #ended = false
  readonly #outbound: SrtpContext
  readonly #outboundOptions: SrtpOptions
  readonly #ours: CryptoAttribute
  readonly #rules: EncryptionRules

  /**
   * @param theirs what the device encrypts with
   * @param ours what we encrypt with
   */
  constructor(theirs: CryptoAttribute, ours: CryptoAttribute, rules: EncryptionRules) {
    this.#rules = rules
    this.#theirs = formatCrypto(theirs)
    this.#inboundOptions = srtpOptions(theirs, rules)
    this.#inbound = new SrtpContext(this.#inboundOptions)
    // RFC 3711 §9.1: a key that both directions share is a two-time pad.
    const options = srtpOptionsOf(ours)
    this.#outboundOptions = rules.encryptsReports ? options : { ...options, unencryptedSrtcp: true }
    this.#outbound = new SrtpContext(this.#outboundOptions)
    this.#ours = ours
  }

  usesForSending(line: CryptoAttribute): boolean {
    return formatCrypto(line) === formatCrypto(this.#ours)
  }

  /** The device encrypts with another key from now on. */
  setTheirs(theirs: CryptoAttribute): void {
    if (formatCrypto(theirs) === this.#theirs || !this.#rules.takesNewKeys) return
    this.#theirs = formatCrypto(theirs)
    this.#inboundOptions = srtpOptions(theirs, this.#rules)
    const before = this.#inbound
    this.#inbound = new SrtpContext(this.#inboundOptions)
    // RFC 4568 §7.1.4: what is under way still comes with the old key.
    this.#inboundBefore = before
    // RFC 3711 §3.3.1: a new master key does not set the roll-over counter back.
    const counter = this.#ssrc === undefined ? undefined : before.rolloverCounter(this.#ssrc)
    if (this.#ssrc !== undefined && counter !== undefined && counter > 0)
      this.#inbound.setRolloverCounter(this.#ssrc, counter)
  }

  protect(packet: Buffer): Buffer | undefined {
    try {
      return this.#outbound.protect(packet)
    } catch {
      return undefined
    }
  }

  unprotect(packet: Buffer): Buffer | undefined {
    if (!this.#rules.countsRollover && isRtp(packet) && this.#losesCount(packet)) return undefined
    if (this.#ended) return undefined
    const plain = this.#inbound.unprotect(packet)
    if (!(plain instanceof SrtpError)) {
      this.#ssrc = uint32At(packet, 8)
      return plain
    }
    const late = plain.code === 'authentication' ? this.#inboundBefore?.unprotect(packet) : undefined
    if (late !== undefined && !(late instanceof SrtpError)) return late
    if (plain.code === 'authentication' && !this.#rules.checksTags) return this.#carelessly(packet)
    if (plain.code === 'replayed' && !this.#rules.checksReplays) return this.#carelessly(packet)
    return undefined
  }

  protectRtcp(packet: Buffer): Buffer | undefined {
    if (!this.#rules.protectsReports) return packet
    if (!this.#rules.countsReports) this.#outbound.setRtcpIndex(uint32At(packet, 4), 0)
    try {
      return withWrongKeys(this.#outbound.protectRtcp(packet), packet, this.#outboundOptions, this.#rules)
    } catch {
      return undefined
    }
  }

  unprotectRtcp(packet: Buffer): Buffer | undefined {
    const plain = this.#inbound.unprotectRtcp(packet)
    if (!(plain instanceof SrtpError)) return plain
    const { checksReportTags, checksReportReplays, believesByesWithTag } = this.#rules
    const isTaken =
      plain.code === 'replayed' ? !checksReportReplays : plain.code === 'authentication' && !checksReportTags
    if (!believesByesWithTag) this.#ended ||= hasBye(openedCarelessly(packet, this.#inboundOptions))
    return isTaken ? openedCarelessly(packet, this.#inboundOptions) : undefined
  }

  // Reckons without the roll-over counter: once sequence numbers went round, no tag matches any more.
  #losesCount(packet: Buffer): boolean {
    const sequence = packet.readUInt16BE(2)
    if (sequence < 0x4000 && this.#sequence > 0xc000) this.#wentRound = true
    this.#sequence = sequence
    return this.#wentRound
  }

  // Decrypts without looking at the tag or at what was had before. Libraries give nothing of AES-GCM without its tag.
  #carelessly(packet: Buffer): Buffer | undefined {
    if (this.#inbound.suite.aead) {
      const again = new SrtpContext(this.#inboundOptions).unprotect(packet)
      return again instanceof SrtpError ? undefined : again
    }
    const context = new SrtpContext({ ...this.#inboundOptions, unauthenticatedSrtp: true })
    const plain = context.unprotect(packet.subarray(0, packet.length - context.suite.rtpTagBytes))
    return plain instanceof SrtpError ? undefined : plain
  }
}

/** Can the line be used here? */
export function isUsable(attribute: CryptoAttribute | undefined): attribute is CryptoAttribute {
  // RFC 4568 §6.3.2, §6.3.3, §6.3.5: audio is not to be weakened here, and there is no FEC stream that a key could be for.
  const { unencryptedSrtp, unencryptedSrtcp, unauthenticatedSrtp, fecKeys } = attribute?.parameters ?? {}
  const asked = unencryptedSrtp || unencryptedSrtcp || unauthenticatedSrtp || fecKeys !== undefined
  return attribute !== undefined && isSuiteName(attribute.suite) && !asked
}

function hasBye(rtcp: Buffer | undefined): boolean {
  return rtcp !== undefined && parseRtcp(rtcp).packets.some(({ type }) => type === 'BYE')
}

function isRtp(packet: Buffer): boolean {
  return rtpHeaderBytes(packet, packet.length) >= 0
}

function srtpOptions(attribute: CryptoAttribute, rules: EncryptionRules): SrtpOptions {
  const options = srtpOptionsOf(attribute)
  return rules.readsMki
    ? options
    : { ...options, keys: options.keys.slice(0, 1).map(({ key, salt }) => ({ key, salt })) }
}
