/** Abbreviations of the field, for somebody who knows telephony but not SIP. */

const WORDS: Readonly<Record<string, string>> = {
  AAAA: 'an entry of DNS: the IPv6 address of a name',
  ACK: 'the caller’s telephone confirms that it heard of the answer; without it the call ends after 32 s',
  ALG: 'a helper in routers that rewrites calls, and often breaks them: switch it off',
  B2BUA: 'a server that makes two calls out of one, as a telephone system does',
  BLF: 'the lamp that shows whether another line is busy',
  BYE: 'one side hangs up',
  'Call-ID': 'the number under which both sides know a call',
  CANCEL: 'the caller hangs up before anybody has answered',
  CLIP: 'the caller’s number is shown',
  CLIR: 'the caller’s number is withheld',
  CNAME: 'the name under which an audio stream reports',
  CRLF: 'an empty line, sent to keep the path through a router open',
  DDI: 'direct dial-in: the extension behind the number of a telephone system',
  DNS: 'the directory of the Internet: which address belongs to a name',
  DTLS: 'a way to agree on keys for encrypted audio on the path of the audio itself',
  DTMF: 'the tones of the keys',
  ICE: 'how two ends try which path their audio can take',
  INFO: 'a message within a call: keys, with some telephones',
  INVITE: 'somebody calls, or changes a call (hold, another codec)',
  MESSAGE: 'a text message',
  MIKEY: 'a way to agree on keys for encrypted audio',
  MKI: 'the name of a key, where several are in use',
  MWI: 'the light that says that a message waits',
  NAPTR: 'an entry of DNS: over what a domain can be called',
  NAT: 'the customer’s router, which hides many devices behind one address',
  NOTIFY: 'the server tells a telephone of something: a message, a lamp, how a transfer goes',
  NTP: 'how devices ask for the time of day',
  OPTIONS: 'a question whether the other side is there, and what it can do',
  PBX: 'the customer’s own telephone system',
  PIN: 'the number that opens a mailbox',
  PRACK: 'the caller’s telephone confirms that it heard of the ringing',
  REFER: 'a transfer: somebody asks the other side to call a third',
  REGISTER: 'a telephone logs in and says where it can be called',
  RSA: 'a kind of certificate and key',
  RTCP: 'reports about the quality of the audio',
  RTP: 'the packets that carry the audio',
  SAVP: 'what a description of audio calls encrypted audio',
  SAVPF: 'what a description of audio calls encrypted audio with feedback',
  SDES: 'keys for encrypted audio, written into the signalling',
  SDP: 'what both sides say about the audio of a call: address, port, codec, key',
  SIP: 'the language in which telephones and servers set up calls',
  SIPS: 'a call that is asked to be encrypted on the whole way',
  SRTCP: 'the reports about encrypted audio',
  SRTP: 'encrypted audio',
  SRV: 'an entry of DNS: on which server and port a service is',
  SSRC: 'the number of an audio stream',
  STUN: 'how a device asks under which address it is seen from outside',
  SUBSCRIBE: 'a telephone asks to be told of something: its mailbox, the lamp of another',
  T1: 'the time after which a message over UDP is first repeated: half a second',
  T2: 'the longest time between repeats over UDP: four seconds',
  TCP: 'a connection between telephone and server',
  TLS: 'an encrypted connection between telephone and server',
  UDP: 'single packets between telephone and server, without a connection',
  UDPTL: 'the packets that carry a fax',
  UPDATE: 'a change of a call without ringing',
  URI: 'an address to call: sip:user@domain',
  'XOR-MAPPED-ADDRESS': 'how a STUN server tells a device its address',
  binding: 'the entry at the registrar: where a telephone can be called, and for how long',
  nonce: 'a number that the server gives out for one log-in, so that a recorded log-in is worth nothing',
  proxy: 'the server that passes calls on',
  registrar: 'the server where telephones log in',
}

/** Those that occur in a text, in the order of the alphabet: also in the plural, and where a sentence begins with one. */
export function glossaryOf(text: string): { readonly word: string; readonly meaning: string }[] {
  return Object.entries(WORDS)
    .filter(([word]) => occurs(word, text))
    .map(([word, meaning]) => ({ word, meaning }))
    .sort((a, b) => a.word.localeCompare(b.word, 'en'))
}

function occurs(word: string, text: string): boolean {
  const [first = '', ...rest] = word
  const spelt = /[a-z]/.test(first) ? `[${first}${first.toUpperCase()}]${rest.join('')}` : word
  return new RegExp(`(?<![\\w-])${spelt}s?(?![\\w-])`).test(text)
}
