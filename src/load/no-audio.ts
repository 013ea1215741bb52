/** The session description of a call that is signalling alone. */

/** Nobody listens there, and nobody is asked to send (RFC 863). */
const DISCARD_PORT = 9

/**
 * Describes a stream of audio that neither side sends (RFC 3264 §5.1, `inactive`), as offer and as answer: a call is set up and
 * ended with it as any other, and no socket is opened for it.
 */
export function noAudio(address: string): string {
  const family = address.includes(':') ? 'IP6' : 'IP4'
  return [
    'v=0',
    `o=- 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    `m=audio ${DISCARD_PORT} RTP/AVP 8 0`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:0 PCMU/8000',
    'a=inactive',
    '',
  ].join('\r\n')
}
