/** Faults of transports. */
import type { FaultEntries } from './fault.js'

export const transportFaults = {
  'rport-ignored': {
    title: 'rport is ignored: answers go to the port in Via',
    mayTurnRed: ['NAT-RPORT'],
    rules: { transport: { knowsRport: false } },
  },
  'received-missing': {
    title: 'received is not added',
    mayTurnRed: ['TR-RECEIVED', 'NAT-NORPORT', 'NAT-RPORT'],
    rules: { wire: { addsReceived: false } },
  },
  'framing-broken': {
    title: 'a message that arrives in pieces over TCP is lost',
    mayTurnRed: ['TR-FRAME', 'TR-CRLF', 'TR-REUSE', 'TR-MTU', 'TX-TCP'],
    rules: { wire: { framesByLength: false } },
  },
  'content-length-not-added': {
    title: 'what comes without Content-Length leaves without it, over streams too',
    mayTurnRed: ['TR-FRAME'],
    rules: { transport: { addsContentLength: false } },
  },
  'crlf-closes-connection': {
    title: 'empty lines before a message close the connection',
    mayTurnRed: ['TR-CRLF', 'OB-PONG'],
    rules: { wire: { takesEmptyLines: false } },
  },
  'excess-bytes-refused': {
    title: 'a datagram with bytes beyond Content-Length is dropped',
    mayTurnRed: ['TR-EXCESS'],
    rules: { wire: { takesExcessBytes: false } },
  },
  'compact-forms-unknown': {
    title: 'compact header names are not understood',
    mayTurnRed: ['TR-FORMS'],
    rules: { transport: { knowsCompactForms: false } },
  },
  'large-datagrams-dropped': {
    title: 'requests over 1500 bytes are dropped',
    mayTurnRed: ['TR-BIG'],
    rules: { wire: { longestDatagram: 1500 } },
  },
  'replies-on-new-connection': {
    title: 'requests to a device on TCP open a connection of their own',
    mayTurnRed: ['TR-REUSE', 'OB-FLOW', 'NAT-REBOOT'],
    rules: { transport: { reusesConnections: false } },
  },
  'idle-connection-closed': {
    title: 'connections are closed after 10 s without traffic',
    mayTurnRed: ['TR-IDLE', 'NAT-SILENCE'],
    rules: { wire: { idleMs: 10_000 } },
  },
  'flows-forgotten': {
    title: 'UDP flows are forgotten after 45 s without a packet: what is sent to a device then is lost',
    mayTurnRed: ['NAT-SILENCE', 'PRX-TIMERC', 'ST-DEAD', 'ST-ENDS', 'QUIET', 'LONG-CALL', 'SC-10', 'WAKE', 'DEAD-CALL'],
    rules: { wire: { flowMs: 45_000 } },
  },
  'no-tcp': {
    title: 'nothing listens on TCP',
    mayTurnRed: [
      'TR-BOTH',
      'DNS-RECORDS',
      'DNS-DEAD',
      'V6-DUAL',
      'TR-FRAME',
      'TR-CRLF',
      'TR-REUSE',
      'TR-IDLE',
      'TX-TCP',
      'OB-PONG',
      'TR-MTU',
    ],
    rules: { transport: { listensOnTcp: false } },
  },
  'certificate-of-another-name': {
    title: 'the TLS certificate carries another name',
    mayTurnRed: ['TLS-CERT'],
    rules: { transport: { certificate: 'of another name' } },
  },
  'certificate-expired': {
    title: 'the TLS certificate has expired',
    mayTurnRed: ['TLS-CERT'],
    rules: { transport: { certificate: 'expired' } },
  },
  'old-tls-allowed': {
    title: 'TLS 1.0 and 1.1 are accepted',
    mayTurnRed: ['TLS-VERSION'],
    rules: { transport: { minTlsVersion: 'TLSv1' } },
  },
  'keep-alive-unanswered': {
    title: 'keep-alives get no answer',
    mayTurnRed: ['OB-PONG', 'OB-STUN', 'NAT-KEEP', 'NATLOSS'],
    rules: { transport: { answersKeepAlives: false } },
  },
  'signalling-outside-the-list': {
    title: 'requests to devices leave from an unpublished port',
    mayTurnRed: ['FW-SIG', 'NAT-KEEP', 'NATLOSS', 'CGN', 'NAT-KINDS', 'OB-FLOW', 'OB-STUN', 'HOLD', 'MOVED'],
    rules: { wire: { sendsFromPublished: false } },
  },
} satisfies FaultEntries
