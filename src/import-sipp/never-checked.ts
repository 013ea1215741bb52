/** What an old file never checked, and by what ringproof checks it now: a standing check, a scenario of the suite, or the rule of the imported story. */
import { oldDescription } from './header-fields.js'
import type { Command, Recv, Send } from './scenario-file.js'
import type { XmlElement } from './xml.js'

export interface NeverChecked {
  readonly what: string
  /** Ids of standing checks (`EXAM-TAGS`) and of scenarios (`media/two-way`): a test holds them against what there is. */
  readonly now: readonly string[]
  /** Besides, in words. */
  readonly also?: string
}

interface Facts {
  readonly commands: readonly Command[]
  readonly regular: readonly XmlElement[]
  readonly sends: (method: string) => boolean
  readonly finals: readonly Recv[]
}

interface Row {
  readonly applies: (facts: Facts) => boolean
  readonly says: NeverChecked | ((facts: Facts) => NeverChecked)
}

export function neverChecked(commands: readonly Command[]): NeverChecked[] {
  const regular = commands.flatMap(({ actions }) =>
    actions.filter(
      ({ name, attributes }) =>
        name === 'ereg' && (attributes.get('check_it') === 'true' || attributes.get('check_it_inverse') === 'true'),
    ),
  )
  const facts: Facts = {
    commands,
    regular,
    sends: (method) => requests(commands).some(({ message }) => message.method === method),
    finals: commands.filter((one): one is Recv => one.kind === 'recv' && (one.status ?? 0) >= 200),
  }
  return ROWS.filter(({ applies }) => applies(facts)).map(({ says }) =>
    typeof says === 'function' ? says(facts) : says,
  )
}

/** In one line. */
export const neverCheckedText = ({ what, now, also }: NeverChecked): string => {
  const by = [...now, ...(also === undefined ? [] : [also])]
  return by.length === 0 ? what : `${what} Now: ${by.join(', ')}.`
}

const requests = (commands: readonly Command[]): Send[] =>
  commands.filter((one): one is Send => one.kind === 'send' && one.message.status === undefined)
const looksAt = ({ regular }: Facts, pattern: RegExp): boolean =>
  regular.some(({ attributes }) => pattern.test(`${attributes.get('header') ?? ''} ${attributes.get('regexp') ?? ''}`))
const isCalled = ({ commands }: Facts): boolean =>
  commands.some((one) => one.kind === 'recv' && one.request === 'INVITE')
const hasCall = (facts: Facts): boolean => facts.sends('INVITE') || isCalled(facts)
const isUp = (facts: Facts): boolean =>
  (facts.finals.some(({ status }) => status === 200) && facts.sends('INVITE')) || isCalled(facts)

/** Optional responses that stand for a failure. */
const hidden = ({ finals }: Facts): number[] => [
  ...new Set(
    finals.flatMap(({ optional, status = 0 }) =>
      optional && status >= 400 && status !== 401 && status !== 407 ? [status] : [],
    ),
  ),
]

/** Is the last request of that method followed by a final response that must come? */
function isAnswerChecked({ commands }: Facts, method: string): boolean {
  const at = commands.findLastIndex((one) => one.kind === 'send' && one.message.method === method)
  const until = commands.findIndex((one, index) => index > at && one.kind === 'send')
  const after = commands.slice(at + 1, until < 0 ? undefined : until)
  return after.some((one) => one.kind === 'recv' && (one.status ?? 0) >= 200 && !one.optional)
}

const ROWS: readonly Row[] = [
  {
    applies: (facts) => hidden(facts).length > 0,
    says: (facts) => ({
      what: `Failures that count as success: ${hidden(facts).join(', ')} ${hidden(facts).length === 1 ? 'is' : 'are'} optional, and the call goes on.`,
      now: [],
      also: 'the verdict says which of them came',
    }),
  },
  {
    applies: (facts) => facts.sends('BYE') && !isAnswerChecked(facts, 'BYE'),
    says: { what: 'The answer to its BYE: nobody waits for it.', now: [], also: 'look at hungUp.status in the story' },
  },
  {
    applies: (facts) => facts.commands.some((one) => one.kind === 'recv' && one.request === 'ACK' && one.optional),
    says: {
      what: 'Whether the ACK arrives: it is optional.',
      now: ['retransmission/success-until-ack', 'nat/acknowledged'],
    },
  },
  {
    applies: (facts) =>
      facts.sends('INVITE') &&
      !facts.commands.some((one) => one.kind === 'recv' && [180, 183].includes(one.status ?? 0) && !one.optional),
    says: { what: 'Whether it rings: 180 and 183 are optional or not there.', now: ['proxy/provisionals'] },
  },
  {
    applies: (facts) =>
      isUp(facts) && !facts.commands.some(({ actions }) => actions.some(({ name }) => name === 'exec')),
    says: {
      what: 'Audio: no packet is sent, and none is waited for.',
      now: ['media/two-way', 'EXAM-RTP-FORM', 'EXAM-RTP-SEQUENCE', 'EXAM-RTP-TIMING'],
    },
  },
  {
    applies: (facts) =>
      isUp(facts) && facts.commands.some(({ actions }) => actions.some(({ name }) => name === 'exec')),
    says: {
      what: 'Whether its audio is heard, and whether anything is heard back: SIPp plays and does not listen.',
      now: ['media/two-way', 'EXAM-RTP-ALTERED', 'EXAM-RTP-SEQUENCE'],
      also: 'the rule heard of this story',
    },
  },
  {
    applies: (facts) => hasCall(facts) && !looksAt(facts, /m=|c=|a=|rtpmap|sdp/i),
    says: {
      what: 'The session description of the other side: codec, address, direction, version.',
      now: ['EXAM-SDP', 'media/payload-types', 'media/version'],
    },
  },
  {
    applies: (facts) =>
      hasCall(facts) &&
      facts.commands.some((one) => one.kind === 'send' && oldDescription(one.message.body) !== undefined),
    says: { what: 'Whether the codec that was agreed on is the one that comes.', now: ['EXAM-RTP-PAYLOAD-TYPE'] },
  },
  {
    applies: (facts) => facts.finals.length > 0 && !looksAt(facts, /\bto\b|\btag\b/i),
    says: { what: 'To tags: whether there is one, and whether it stays the same.', now: ['EXAM-TAGS', 'proxy/to-tag'] },
  },
  {
    applies: () => true,
    says: {
      what: 'The form of what it receives: Via and branch, CSeq, Contact, Max-Forwards, Content-Length, the grammar of every field.',
      now: ['EXAM-GRAMMAR', 'EXAM-BRANCH', 'EXAM-CSEQ', 'EXAM-CONTACT', 'EXAM-CONTENT-LENGTH', 'EXAM-COPY'],
    },
  },
  {
    applies: (facts) => hasCall(facts) && !facts.commands.some(({ attributes }) => attributes.get('rrs') === 'true'),
    says: {
      what: 'The way of later requests: without rrs="true" its ACK and BYE go past the proxies that asked to stay on it.',
      now: ['proxy/stays-on-the-path', 'EXAM-RECORD-ROUTE'],
    },
  },
  {
    applies: (facts) => facts.commands.some((one) => one.kind === 'recv' && (one.status === 401 || one.status === 407)),
    says: {
      what: 'What the challenge says: algorithms and their order, qop, stale, a nonce that is new.',
      now: ['EXAM-CHALLENGE', 'digest/algorithms', 'digest/order', 'digest/wrong-password'],
    },
  },
  {
    applies: (facts) => facts.sends('REGISTER') && !looksAt(facts, /contact|expires/i),
    says: {
      what: 'What was registered: the contacts and their time in the answer.',
      now: ['flapping/contact-set', 'registrar/refresh-replaces', 'registrar/binding-ends'],
    },
  },
  {
    applies: (facts) => facts.sends('REGISTER') && !hasCall(facts),
    says: { what: 'Whether a device that is registered can be called.', now: ['registrar/comes-back'] },
  },
  {
    applies: (facts) => facts.sends('INVITE'),
    says: {
      what: 'The other end of the call: what arrives there, and whether it is the same call.',
      now: ['proxy/passes-unknown', 'media/two-way'],
    },
  },
  {
    applies: (facts) => hasCall(facts),
    says: {
      what: 'What happens after the end: audio that goes on, a call that one side still has.',
      now: ['EXAM-RTP-AFTER-BYE', 'media/silent-after-bye', 'dialog/unknown-dialog'],
    },
  },
  {
    applies: ({ commands }) => commands.some(({ attributes }) => attributes.has('rtd') || attributes.has('start_rtd')),
    says: {
      what: 'Its response times: they are measured and held against nothing.',
      now: [],
      also: 'ringproof load has limits for them',
    },
  },
  {
    applies: () => true,
    says: {
      what: 'Repetitions: how often and when the target sends again what is lost.',
      now: ['retransmission/invite-backoff', 'retransmission/failure-repeated'],
    },
  },
  {
    applies: () => true,
    says: {
      what: "Other transports and IPv6: it runs over what -t says. Add transports: ['udp', 'tcp', 'tls'] and families: ['ipv4', 'ipv6'] to the scenario.",
      now: [],
    },
  },
]
