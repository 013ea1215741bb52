/**
 * Codes for what can be broken at a target. Rules and standing checks that see the same broken thing carry the same code and
 * become one finding. What only one scenario looks at needs no code: its id is one.
 */
export const CAUSES = {
  // registration and log-in
  'binding-not-listed': 'the answer to REGISTER does not list the bindings, or not with their time',
  'binding-doubled': 'a refresh or another spelling of a contact makes a second binding',
  'binding-ends-early': 'a binding ends before the time that was granted',
  'binding-outlives': 'a binding outlives the time that was granted',
  'binding-lost': 'a device that is registered is not reachable: its binding was removed or replaced',
  'binding-not-removed': 'a binding that was taken back or displaced stays',
  'registration-refused': 'a REGISTER that must be accepted is refused',
  'registration-of-others': 'one account can register or remove bindings of another',
  'any-password': 'requests are accepted without the right password',
  'calls-without-login': 'calls are carried that nobody logged in for',
  'challenge-malformed': 'challenges are not as clients need them',
  // transactions
  'request-not-repeated': 'a request without an answer is not sent again as the timers say',
  'request-repeated-for-ever': 'a request without an answer is never given up',
  'final-not-repeated': 'a final response without ACK is not sent again as the timers say',
  'success-not-repeated': 'a 2xx without ACK is not sent again as the timers say',
  'repeated-on-streams': 'messages are sent again over TCP or TLS',
  'requests-carried-out-twice': 'a request that is repeated by the network is carried out again',
  'second-success-lost': 'a repeated or second 2xx does not reach the caller',
  'strays-forwarded': 'responses that belong to no request are forwarded',
  'cancel-lost': 'a CANCEL does not reach the callee, or is refused',
  'response-changed': 'a response does not carry back what the request said, or changes on its way',
  'status-changed': 'the status that the callee gave does not reach the caller',
  // calls
  'call-not-delivered': 'a call does not arrive at a device that is registered',
  'route-lost': 'requests within a call do not go through the target, or do not arrive',
  'provisional-lost': '18x or early media do not reach the caller',
  'identity-spoofed': 'a customer can call under a number that is not theirs',
  'identity-wrong': 'the called party sees a wrong number, or none',
  'privacy-broken': 'a number that was to be withheld is shown',
  'in-dialog-by-strangers': 'requests within a call are accepted from others',
  // audio
  'no-audio': 'audio does not arrive, in one direction or both',
  'audio-lost': 'packets of audio are lost',
  'audio-late': 'audio arrives late',
  'audio-altered': 'audio is changed on its way',
  'wrong-audio': 'audio of another call is heard',
  'audio-after-hang-up': 'audio is sent after the call has ended',
  'audio-source-differs': 'audio leaves from another address or port than the one announced',
  'nat-source-ignored': 'audio goes to the address in SDP instead of where the device is',
  'media-redirected': 'a stranger can draw the audio of a call to themselves',
  'address-family-wrong': 'an address stands in SDP under the wrong family',
  'rtcp-missing': 'RTCP does not arrive',
  'keypad-lost': 'keypad tones (RFC 4733) do not arrive',
  'keypad-doubled': 'one keypad tone counts as several',
  'keypad-timing': 'timestamps or durations of keypad tones are wrong',
  'announcement-silent': 'an announcement or service answers without audio',
  // encryption
  'keys-in-clear': 'SRTP keys are sent over unencrypted signalling',
  'key-reused': 'an SRTP key is used twice',
  'encryption-dropped': 'encryption that was agreed on is dropped on part of the way',
  'srtp-not-authenticated': 'SRTP packets that were changed or repeated are accepted',
  'srtp-rollover-lost': 'encrypted audio breaks off when sequence numbers begin anew',
  'crypto-answer-wrong': 'the answer to a=crypto does not fit the offer',
  // transports, NAT, names
  'stream-framing': 'messages over TCP or TLS are not told apart',
  'stream-not-reused': 'requests to a device on TCP or TLS do not use its connection',
  'reply-address-wrong': 'responses do not go where the request came from',
  'nat-unreachable': 'a device behind NAT does not stay reachable',
  'keep-alive-unanswered': 'keep-alives get no answer',
  'signalling-unpublished': 'signalling comes from an address or port that is not published',
  'relay-unpublished': 'media comes from an address or port that is not published',
  'certificate-invalid': 'the TLS certificate is not valid for the published name',
  'dns-dead-record': 'a DNS record leads to where nobody answers',
  'dns-record-missing': 'a DNS record that devices look for is missing',
  'stun-wrong': 'STUN answers are wrong or missing',
  // services
  'code-without-effect': 'a service code is answered and changes nothing',
  'service-not-reachable': 'a service number or code is refused or not answered',
} as const satisfies Readonly<Record<string, string>>

export type Cause = keyof typeof CAUSES
