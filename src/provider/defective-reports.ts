/** SRTCP as defective relays and services make it. */
import { GcmKeys, sealRtcp } from '../media/srtp-gcm.js'
import { deriveKey, KeyLabel, KeyStream, type MasterKey, SessionKeys, suiteOf } from '../media/srtp-keys.js'
import { uint32At } from '../media/rtp.js'
import { SrtpContext, SrtpError, type SrtpOptions } from '../media/srtp.js'
import type { EncryptionRules } from './rules/encryption.js'

const RTCP_HEADER_BYTES = 8
const INDEX_BYTES = 4

/**
 * An SRTCP packet once more with the wrong session keys, where the rules say so.
 * @param packet protected rightly, @param rtcp the same in clear
 */
export function withWrongKeys(packet: Buffer, rtcp: Buffer, options: SrtpOptions, rules: EncryptionRules): Buffer {
  const [master] = options.keys
  const { aead, rtcpTagBytes } = suiteOf(options.suite)
  if (master === undefined || (rules.reportTagsHaveOwnKey && rules.reportsHaveOwnSalt)) return packet
  if (aead) {
    const at = packet.length - INDEX_BYTES - (master.mki?.length ?? 0)
    return sealRtcp(GcmKeys.derive(master, 'rtp', 0), uint32At(packet, at), rtcp, master.mki)
  }
  const indexEnd = rtcp.length + INDEX_BYTES
  const wrong = Buffer.from(packet)
  if (!rules.reportsHaveOwnSalt) encryptWithAudioSalt(wrong, rtcp, master)
  const keys = new SessionKeys(master, rules.reportTagsHaveOwnKey ? 'rtcp' : 'rtp', 0)
  keys.auth.write(wrong, indexEnd, undefined, wrong, wrong.length - rtcpTagBytes, rtcpTagBytes)
  return wrong
}

/** An SRTCP packet in clear, whether its tag matches or not. Libraries give nothing of AES-GCM without its tag. */
export function openedCarelessly(packet: Buffer, options: SrtpOptions): Buffer | undefined {
  const [master] = options.keys
  const { aead, rtcpTagBytes } = suiteOf(options.suite)
  const tagAt = packet.length - rtcpTagBytes
  const indexEnd = tagAt - (master?.mki?.length ?? 0)
  if (master === undefined || indexEnd < RTCP_HEADER_BYTES + INDEX_BYTES) return undefined
  const right = Buffer.from(packet)
  if (!aead) new SessionKeys(master, 'rtcp', 0).auth.write(right, indexEnd, undefined, right, tagAt, rtcpTagBytes)
  const plain = new SrtpContext(options).unprotectRtcp(right)
  return plain instanceof SrtpError ? undefined : plain
}

/** RFC 3711 §4.3.2: the salt of RTCP has label 5; that of the audio, 2, is taken here. */
function encryptWithAudioSalt(packet: Buffer, rtcp: Buffer, master: MasterKey): void {
  const salt = deriveKey(master, KeyLabel.rtpSalt, 0, master.salt.length)
  const stream = new KeyStream(deriveKey(master, KeyLabel.rtcpEncryption, 0, master.key.length), salt)
  const index = uint32At(packet, rtcp.length) % 0x80000000
  const octets = stream.generate(uint32At(rtcp, 4), index, 1, (rtcp.length - RTCP_HEADER_BYTES + 15) >> 4)
  for (let at = RTCP_HEADER_BYTES; at < rtcp.length; at++)
    packet[at] = (rtcp[at] ?? 0) ^ (octets[at - RTCP_HEADER_BYTES] ?? 0)
}
