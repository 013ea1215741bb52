/** Abbreviations of the field, for somebody who knows telephony but not SIP. */

const WORDS: Readonly<Record<string, string>> = {
  ACK: 'the caller’s telephone confirms that it heard of the answer; without it the call ends after 32 s',
  B2BUA: 'a server that makes two calls out of one, as a telephone system does',
  BYE: 'one side hangs up',
  CANCEL: 'the caller hangs up before anybody has answered',
  'Call-ID': 'the number under which both sides know a call',
  DTLS: 'a way to agree on keys for encrypted audio on the path of the audio itself',
  DTMF: 'the tones of the keys',
  INVITE: 'somebody calls, or changes a call (hold, another codec)',
  MIKEY: 'a way to agree on keys for encrypted audio',
  MWI: 'the light that says that a message waits',
  NAPTR: 'an entry of DNS: over what a domain can be called',
  NAT: 'the customer’s router, which hides many devices behind one address',
  NOTIFY: 'the server tells a telephone of something: a message, a lamp, how a transfer goes',
  OPTIONS: 'a question whether the other side is there, and what it can do',
  PRACK: 'the caller’s telephone confirms that it heard of the ringing',
  REFER: 'a transfer: somebody asks the other side to call a third',
  REGISTER: 'a telephone logs in and says where it can be called',
  RTCP: 'reports about the quality of the audio',
  RTP: 'the packets that carry the audio',
  SDP: 'what both sides say about the audio of a call: address, port, codec, key',
  SIP: 'the language in which telephones and servers set up calls',
  SRTP: 'encrypted audio',
  SRV: 'an entry of DNS: on which server and port a service is',
  STUN: 'how a device asks under which address it is seen from outside',
  SUBSCRIBE: 'a telephone asks to be told of something: its mailbox, the lamp of another',
  TCP: 'a connection between telephone and server',
  TLS: 'an encrypted connection between telephone and server',
  UDP: 'single packets between telephone and server, without a connection',
  UPDATE: 'a change of a call without ringing',
  binding: 'the entry at the registrar: where a telephone can be called, and for how long',
  nonce: 'a number that the server gives out for one log-in, so that a recorded log-in is worth nothing',
  proxy: 'the server that passes calls on',
  registrar: 'the server where telephones log in',
}

/** Those that occur in a text, in the order of the alphabet. */
export function glossaryOf(text: string): { readonly word: string; readonly meaning: string }[] {
  return Object.entries(WORDS)
    .filter(([word]) => new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text))
    .map(([word, meaning]) => ({ word, meaning }))
    .sort((a, b) => a.word.localeCompare(b.word, 'en'))
}
