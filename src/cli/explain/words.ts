/** Words made comparable: light stemming, and the words that people in telephony use for the same thing. */

/** Words that say nothing of a symptom by themselves. */
const EMPTY = new Set(
  (
    'a about after again all also always an and any anybody are as at be because been before but by can could did do does ' +
    'detected done every everybody fail failed fails for from get gets had has have her his how i if in into is it its just like lose lost me my no not of off ' +
    'often on one only or other our out over own people person problem random randomly recognised recognized same she so some somebody ' +
    'sometimes suddenly than that the their them then there they thing this those to too two up us user very was we were ' +
    'what when where which while who why will with without work working would you your'
  ).split(' '),
)

/**
 * What is said in several ways. Each line is one thing; a phrase counts where its words stand beside each other, in any of
 * their forms.
 */
const SAME: readonly (readonly string[])[] = [
  [
    'one way audio',
    'no audio',
    'no sound',
    'no voice',
    'silence',
    'silent',
    'dead air',
    'hear nothing',
    'hears nothing',
    'nothing is heard',
    'not heard',
    'cannot hear',
    "can't hear",
    'do not hear',
    'does not hear',
    'one direction',
    'one side hears',
    'audio missing',
    'mute',
    'without audio',
  ],
  [
    'drop',
    'drops',
    'dropped call',
    'cut off',
    'cuts off',
    'break off',
    'broken off',
    'broke off',
    'disconnect',
    'hang up by itself',
    'ends by itself',
    'call ends',
    'ends the call',
    'lose the call',
    'fall silent',
  ],
  ['32 s', '32 seconds', '32 sec', '30 s', '30 seconds', 'half a minute', '64 t1', '32s', '30s'],
  ['32 s', '32 seconds', '32s', '30 seconds', '30s', 'half a minute', 'ack', 'record route'],
  [
    'cannot be called',
    "can't be called",
    'not reachable',
    'unreachable',
    'nobody can call',
    'no incoming calls',
    'incoming calls fail',
    'does not ring',
    "doesn't ring",
    'not ring',
    'do not ring',
    'calls do not arrive',
    'miss calls',
    'miss incoming calls',
    'reach nobody',
    'inbound',
    'incoming',
  ],
  [
    'cannot call',
    "can't call",
    'no outgoing calls',
    'outbound call',
    'outgoing',
    'calls fail',
    'calls are rejected',
    'call fails',
  ],
  ['nat', 'router', 'behind a router', 'firewall', 'dsl', 'private address', 'port forwarding', 'alg'],
  ['keep alive', 'idle', 'after a while', 'some time', 'minutes later', 'stun', 'binding'],
  ['register', 'registration', 'log in', 'login', 'sign in', 'logged in', 'registrar', 'offline'],
  [
    'password',
    'credentials',
    'authentication',
    'authenticate',
    'digest',
    '401',
    '407',
    '403',
    'forbidden',
    'unauthorized',
    'log in',
    'login',
    'challenge',
    'nonce',
  ],
  [
    'dtmf',
    'keypad',
    'keypad tones',
    'digits',
    'keys',
    'ivr',
    'voice menu',
    'menu',
    'pin',
    'telephone event',
    'rfc 4733',
    'rfc2833',
    'tones',
    'key press',
  ],
  [
    'caller id',
    'clip',
    'clir',
    'number shown',
    'caller number',
    'identity',
    'wrong number',
    'anonymous',
    'withheld',
    'hidden number',
    'secret number',
    'privacy',
    'p asserted identity',
    'number display',
    'shown number',
  ],
  ['hold', 'on hold', 'music on hold', 'resume', 'retrieve', 'sendonly', 'inactive'],
  ['transfer', 'refer', 'moved'],
  ['divert', 'diversion', 'call forwarding', 'calls are forwarded', 'redirect', 'sends calls on'],
  ['voicemail', 'mailbox', 'voice box', 'answering machine'],
  ['wake up', 'alarm', 'oversleep'],
  ['encryption', 'encrypt', 'srtp', 'sdes', 'secure', 'protected', 'padlock', 'crypto'],
  ['eavesdrop', 'listen in', 'spy', 'read on the line', 'in clear', 'wiretap', 'plain text', 'overhear'],
  ['tls', 'certificate', 'certificate expired', 'expired certificate', 'ssl', 'handshake', 'sips'],
  [
    'choppy',
    'crackle',
    'gaps',
    'clicks',
    'packet loss',
    'lost packets',
    'stutter',
    'bad quality',
    'voice quality',
    'speech quality',
    'garbled',
    'robotic',
    'jitter',
    'distorted',
    'noise',
    'broken audio',
    'packets are lost',
    'mos',
  ],
  ['delay', 'latency', 'lag', 'late', 'talk over each other', 'slow'],
  ['echo', 'echo test', 'own voice', 'hears itself', 'hears their own voice'],
  ['codec', '488', 'g711', 'alaw', 'ulaw', 'pcma', 'pcmu', 'not acceptable'],
  ['ringing', 'ringback', 'ring back', 'ringing tone', '180', '183', 'early media', 'provisional', 'progress tone'],
  ['busy', '486', 'engaged', 'on another call'],
  ['timeout', '408', 'no answer', 'no response', 'unanswered', 'does not answer', 'not answered'],
  ['overload', '503', 'unavailable', 'retry after'],
  ['not found', '404', 'unknown number'],
  ['ipv6', 'dual stack', 'aaaa', 'ds lite'],
  ['dns', 'srv', 'naptr', 'name server', 'host name', 'domain'],
  ['fraud', 'toll', 'free calls', 'expensive', 'stolen', 'abuse', 'without a log in', 'any account', 'at the expense'],
  ['spoof', 'hijack', 'attack', 'attacker', 'stranger', 'take over', 'forged', 'pretend', 'another customers number'],
  ['twice', 'double', 'doubled', 'duplicate', 'two times', 'rings twice'],
  ['hang up', 'bye', 'end of the call', 'ends calls', 'terminate', 'goes on after'],
  ['cancel', 'caller gives up', 'keeps ringing', 'goes on ringing', 'rings on', 'ring on'],
  ['retransmission', 'repeat', 'resend', 'sent again', 'retransmit'],
  ['tcp', 'connection', 'stream'],
  ['two devices', 'two phones', 'second device', 'several devices', 'both devices', 'same account', 'flap', 'displace'],
  ['trunk', 'pbx', 'telephone system', 'extension', 'ddi', 'did'],
  ['wrong audio', 'crosstalk', 'other calls', 'another call', 'strangers voice', 'audio of another call'],
  ['fragment', 'mtu', 'large', 'too large', 'udp size'],
  [
    'session timer',
    'session expires',
    'long calls',
    'after 15 minutes',
    'after 30 minutes',
    'after an hour',
    're invite',
  ],
]

interface Phrase {
  readonly concept: string
  readonly stems: readonly string[]
}

/** Words in lower case, without punctuation; `one-way` is two, `32s` is `32 s`. */
export function tokensOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/(\d)(s|ms|sec|seconds?|min|minutes?)\b/g, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** A word without its ending: `calls`, `called` and `calling` are `call`. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word
  const cut = word
    .replace(/(?:ies)$/, 'y')
    .replace(/(?<=[^s])s$/, '')
    .replace(/(?<=..[^e])(?:ing|ed)$/, '')
  const single = /([bdgmnprt])\1$/.test(cut) && cut !== word ? cut.slice(0, -1) : cut
  return single.replace(/(?<=...)e$/, '')
}

const EMPTY_STEMS = new Set([...EMPTY].map(stem))

/** Phrases by the word that they begin with. */
const PHRASES = new Map<string, Phrase[]>()
for (const [index, phrases] of SAME.entries()) {
  for (const phrase of phrases) {
    const stems = tokensOf(phrase).map(stem)
    const [first = ''] = stems
    PHRASES.set(first, [...(PHRASES.get(first) ?? []), { concept: `#${index}`, stems }])
  }
}

/** What a text speaks of: its words by their stems, the concepts that they are words for, and how often. */
export function keysOf(text: string): Map<string, number> {
  const { stems, concepts } = read(text)
  const keys = [...stems.filter((own) => !EMPTY_STEMS.has(own)), ...concepts.map(({ concept }) => concept)]
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/**
 * What is asked for, one set of keys a thing: any of them will do. The words of a phrase are one thing, and say nothing each
 * by itself.
 */
export function thingsOf(query: string): ReadonlySet<string>[] {
  const { stems, concepts } = read(query)
  const things: Set<string>[] = []
  for (let at = 0; at < stems.length; ) {
    const here = concepts.filter((one) => one.at === at)
    const longest = Math.max(1, ...here.map(({ length }) => length))
    const own = stems[at] ?? ''
    const keys = here.filter(({ length }) => length === longest).map(({ concept }) => concept)
    if (longest > 1 || keys.length > 0 || !EMPTY_STEMS.has(own))
      things.push(new Set(longest > 1 ? keys : [own, ...keys]))
    at += longest
  }
  return things
}

interface Found {
  readonly concept: string
  readonly at: number
  readonly length: number
}

function read(text: string): { readonly stems: readonly string[]; readonly concepts: readonly Found[] } {
  const stems = tokensOf(text).map(stem)
  const concepts = stems.flatMap((first, at) =>
    (PHRASES.get(first) ?? []).flatMap(({ concept, stems: phrase }): Found[] =>
      phrase.every((part, offset) => stems[at + offset] === part) ? [{ concept, at, length: phrase.length }] : [],
    ),
  )
  return { stems, concepts }
}
