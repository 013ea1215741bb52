/** The standing checks by their stable ids: how grave, by which rule, who notices, what to do. */
import type { Severity } from './types.js'

/** What a note says beside what was expected and what came. */
export interface CheckText {
  readonly severity: Severity
  readonly title: string
  readonly rule: string
  readonly provider: readonly string[]
  readonly harm: string
  readonly advice: string
}

export type CheckId = keyof typeof CATALOGUE

export const CATALOGUE = {
  'EXAM-GRAMMAR': {
    severity: 'warn',
    title: 'Messages break the grammar',
    rule: 'RFC 3261 §25.1',
    provider: [],
    harm: 'Telephones that read strictly drop such messages: calls fail with some makes and not with others.',
    advice: 'Show the message to the vendor of the server that wrote it; the marked header field is the one.',
  },
  'EXAM-CONTENT-LENGTH': {
    severity: 'fail',
    title: 'Content-Length is missing or does not fit',
    rule: 'RFC 3261 §18.3',
    provider: ['BH-3'],
    harm: 'On TCP and TLS the receiver loses its place in the stream: the connection breaks, and with it every call on it.',
    advice: 'Look at scripts and session border controllers that rewrite bodies without counting them again.',
  },
  'EXAM-PUBLISHED-SIGNALLING': {
    severity: 'fail',
    title: 'Signalling comes from an address or port that is not published',
    rule: 'BH-13, EP-3',
    provider: ['BH-13', 'EP-3'],
    harm: 'Customers whose firewall follows the published list miss incoming calls, or lose running ones.',
    advice: 'Publish the address and port, or let the server send from those that are published.',
  },
  'EXAM-PUBLISHED-RELAYS': {
    severity: 'fail',
    title: 'Media is led over an address or port that is not published',
    rule: 'BH-13, EP-4, EP-5',
    provider: ['BH-13', 'EP-4', 'EP-5'],
    harm: 'Customers whose firewall follows the published list hear nothing: one-way or silent calls.',
    advice: 'Publish the relay, or take it out of the pool until it is.',
  },
  'EXAM-RESPONSE-SOURCE': {
    severity: 'fail',
    title: 'Responses come from another address or port than the request was sent to',
    rule: 'RFC 3581 §4',
    provider: ['BH-9'],
    harm: 'Devices behind NAT and firewalls never see the response: registration and calls time out there.',
    advice: 'Let the server answer from the socket that the request came in on (multihomed servers, load balancers).',
  },
  'EXAM-CSEQ': {
    severity: 'fail',
    title: 'CSeq does not fit',
    rule: 'RFC 3261 §12.2.1.1',
    provider: [],
    harm: 'Telephones refuse requests that are out of order (500), or take a response for another: calls cannot be held, transferred or ended.',
    advice:
      'Look at the component that writes requests within calls: back-to-back user agent, session timers, services.',
  },
  'EXAM-TAGS': {
    severity: 'fail',
    title: 'Tags of From and To do not fit',
    rule: 'RFC 3261 §8.2.6.2',
    provider: [],
    harm: 'The telephone cannot tell which call is meant: 481, calls that cannot be ended, ghost calls.',
    advice: 'Look at scripts that rewrite From or To, and at stateless replies.',
  },
  'EXAM-COPY': {
    severity: 'fail',
    title: 'A response does not carry back what the request said',
    rule: 'RFC 3261 §8.2.6.2',
    provider: [],
    harm: 'The caller cannot match the response with its request and sends it again until it gives up.',
    advice: 'Look at topology hiding and at scripts that rewrite From, To, Call-ID or Via in one direction only.',
  },
  'EXAM-BRANCH': {
    severity: 'fail',
    title: 'Branches of Via do not tell transactions apart',
    rule: 'RFC 3261 §8.1.1.7',
    provider: [],
    harm: 'A telephone takes a new request for a repetition of an old one and does nothing: calls do not ring, or cannot be ended.',
    advice: 'The branch must differ for each request and each fork; look at the component that wrote the topmost Via.',
  },
  'EXAM-CONTACT': {
    severity: 'fail',
    title: 'Contact is missing where a call is set up',
    rule: 'RFC 3261 §12.1.1',
    provider: [],
    harm: 'The other end cannot send its ACK or BYE: calls drop after 32 seconds, or are never ended and billed on.',
    advice: 'Look at scripts and border controllers that remove Contact.',
  },
  'EXAM-RECORD-ROUTE': {
    severity: 'fail',
    title: 'Record-Route without the lr parameter',
    rule: 'RFC 3261 §16.6',
    provider: [],
    harm: 'Telephones take the server for a strict router and rewrite the Request-URI: holding and ending calls fails with some makes.',
    advice: 'Add ;lr to the URI that the proxy records.',
  },
  'EXAM-MAX-FORWARDS': {
    severity: 'fail',
    title: 'Max-Forwards is missing or not counted down',
    rule: 'RFC 3261 §16.6',
    provider: [],
    harm: 'A call that is diverted in a circle never ends and takes the servers down.',
    advice: 'Switch on the check for Max-Forwards in every proxy on the way.',
  },
  'EXAM-100-FORWARDED': {
    severity: 'fail',
    title: "The callee's 100 is passed on to the caller",
    rule: 'RFC 3261 §16.7',
    provider: [],
    harm: "Responses that are meant for one hop reach the next: callers' timers are stopped by the wrong party.",
    advice: 'A proxy with transactions keeps 100 to itself; look for one that forwards without state.',
  },
  'EXAM-PROVISIONAL': {
    severity: 'fail',
    title: 'A provisional response to a request other than INVITE that must not be sent',
    rule: 'RFC 4320 §4.1',
    provider: ['BH-1'],
    harm: 'Requests such as REGISTER stop being repeated and fail late instead of early: registrations are lost on poor lines.',
    advice: 'Let the server answer such requests with their final response only.',
  },
  'EXAM-CHALLENGE': {
    severity: 'fail',
    title: 'Log-in is asked for in a way that must not be',
    rule: 'RFC 3261 §22.4',
    provider: [],
    harm: 'Without qop an eavesdropper can replay log-ins; with Basic the password itself goes over the line.',
    advice: 'Switch on qop="auth" and switch off Basic where challenges are written.',
  },
  'EXAM-SECRET': {
    severity: 'fail',
    title: 'A password of a customer is sent in clear text',
    rule: 'security',
    provider: [],
    harm: 'Whoever reads it telephones at the customer’s expense.',
    advice: 'Find the component that wrote it, take it out of service, change the passwords.',
  },
  'EXAM-NUMBERS-IN-CLEAR': {
    severity: 'info',
    title: 'Caller and callee can be read on the line',
    rule: 'BH-7',
    provider: ['BH-7'],
    harm: 'Anyone on the path can see who telephones with whom. It is so wherever SIP is not on TLS.',
    advice: 'Customers who mind should use TLS together with SRTP.',
  },
  'EXAM-KEYS-IN-CLEAR': {
    severity: 'warn',
    title: 'The provider sends SRTP keys over unencrypted signalling',
    rule: 'RFC 4568 §8.3',
    provider: ['BH-6'],
    harm: 'Calls look encrypted and are not: anyone on the path reads the key and listens.',
    advice: 'Offer and accept a=crypto on TLS connections only.',
  },
  'EXAM-KEY-REUSE': {
    severity: 'fail',
    title: 'An SRTP key is used twice',
    rule: 'RFC 3711 §9.1',
    provider: ['BH-6'],
    harm: 'Two streams under one key can be decrypted without the key: encrypted calls are not confidential.',
    advice:
      'Every direction of every call needs a fresh random key; look at the media relay and at restored configurations.',
  },
  'EXAM-SDP': {
    severity: 'warn',
    title: 'Session descriptions break their grammar',
    rule: 'RFC 8866 §9',
    provider: [],
    harm: 'Some telephones refuse the call (488) or have no audio.',
    advice: 'Show the description to the vendor of the server that wrote it; media relays rewrite them, too.',
  },
  'EXAM-RTP-SEQUENCE': {
    severity: 'warn',
    title: 'Sequence numbers of RTP do not run on',
    rule: 'RFC 3550 §5.1',
    provider: ['BH-4'],
    harm: 'Telephones take it for loss or for a restart: clicks, gaps, and wrong figures in quality reports. With SRTP: silence.',
    advice: 'Look at the media server or relay that originates the stream.',
  },
  'EXAM-RTP-TIMING': {
    severity: 'fail',
    title: 'Timestamps of RTP do not fit the audio',
    rule: 'RFC 3550 §5.1',
    provider: ['BH-4'],
    harm: 'Jitter buffers play at the wrong moment: choppy or delayed audio on some telephones.',
    advice: 'Look at the clock rate and packet time of the media server or relay that originates the stream.',
  },
  'EXAM-RTP-PAYLOAD-TYPE': {
    severity: 'fail',
    title: 'Media comes with a payload type that was not agreed',
    rule: 'RFC 3264 §6.1',
    provider: ['BH-4'],
    harm: 'Telephones ignore such packets: silence, or digits that are not heard.',
    advice:
      'Let the sender use the numbers of the description that it was given; look at transcoding and DTMF settings.',
  },
  'EXAM-RTP-AFTER-BYE': {
    severity: 'warn',
    title: 'Media is sent on after the call has ended',
    rule: 'RFC 3261 §15.1.2',
    provider: ['BH-4'],
    harm: 'Packets load the customer’s line and can be heard in the next call that uses the port.',
    advice: 'Let the end of the call close the relay’s ports at once, not by a timer.',
  },
  'EXAM-RTP-ALTERED': {
    severity: 'warn',
    title: 'Audio is altered on its way through the provider',
    rule: 'BH-4',
    provider: ['BH-4', 'EP-4'],
    harm: 'Crackling or distorted speech; fax and modem calls fail.',
    advice: 'Look at the relay of the call: gain control or transcoding there and back, or defective memory.',
  },
  'EXAM-SRTP-CLEAR': {
    severity: 'fail',
    title: 'Audio comes in clear although encryption was agreed',
    rule: 'RFC 3711 §3.3',
    provider: ['BH-5', 'BH-7'],
    harm: 'The customer believes to be private and is not; telephones that insist hear nothing.',
    advice: 'Look at the relay that joins an encrypted and a plain leg.',
  },
  'EXAM-RTCP': {
    severity: 'warn',
    title: 'RTCP packets are malformed',
    rule: 'RFC 3550 §6.1',
    provider: ['BH-4'],
    harm: 'Quality reports of telephones and monitoring are missing or wrong.',
    advice: 'Look at the media server or relay that writes RTCP.',
  },
} as const satisfies Record<string, CheckText>
