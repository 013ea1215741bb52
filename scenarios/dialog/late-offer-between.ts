import {
  arrivesAt,
  hearingEachOther,
  loginTaken,
  must,
  owed,
  precondition,
  scenario,
  SessionDescription,
  sessionDescriptionIn,
  type SipSighting,
  unsupported,
  whereReached,
} from 'ringproof'

/** Two ways over UDP, with repeats. */
const CONFIRMED_MS = 6_000
const ANSWERED_MS = 8_000

/** Where the call, or what confirms it, is lost for another reason. */
const ELSEWHERE = [
  'prack-lost',
  'provisional-lost',
  'ack-lost',
  'to-tag-changed',
  'route-lost',
  'out-of-reach',
] as const

const FORMS = [
  {
    id: 'dialog/late-offer-early',
    title: 'An offer while the called device rings, answered in PRACK: both sides of the call hear each other',
    isEarly: true,
    purposes: ['REL-BETWEEN', 'MED-TWOWAY'],
    offer: ['RFC 3262 §5', 'the first reliable response to an INVITE without an offer carries one'],
    answer: ['RFC 3262 §5', 'the PRACK for a response with an offer carries the answer'],
    harm: 'Calls of telephone systems and mobile networks that send INVITE without SDP stay silent: the offer of a ringing telephone (100rel), or the answer to it, is lost.',
  },
  {
    id: 'dialog/late-offer-between',
    title: 'An offer in the 200 of the called device, answered in ACK: both sides of the call hear each other',
    isEarly: false,
    purposes: ['DLG-LATE', 'MED-TWOWAY'],
    offer: ['RFC 3261 §13.3.1.4', 'the 2xx to an INVITE without an offer carries one'],
    answer: ['RFC 3261 §13.2.1', 'the ACK for a 2xx with an offer carries the answer'],
    harm: 'Calls of telephone systems that send INVITE without SDP to other customers stay silent: the offer in the 200, or the answer in the ACK, is lost.',
  },
] as const

export default FORMS.map(({ id, title, isEarly, purposes, offer, answer, harm }) =>
  scenario({
    id,
    title,
    area: 'dialog',
    purposes: [...purposes],
    provider: ['BH-1', 'BH-4'],
    rules: {
      offer: whereReached(
        must(offer[0], offer[1], { gravity: 'outage', follows: ['provisional-lost'], cause: 'late-offer-lost', harm }),
      ),
      answer: whereReached(
        must(answer[0], answer[1], {
          gravity: 'outage',
          cause: 'late-offer-lost',
          follows: [...ELSEWHERE, 'provisional-lost'],
          harm,
        }),
      ),
      heard: owed(answer[0], 'after a late offer and its answer both sides of the call hear each other', {
        gravity: 'outage',
        cause: 'late-offer-lost',
        follows: ['no-audio', ...ELSEWHERE, 'provisional-lost'],
        harm,
      }),
    },
    devices: { alice: {}, bob: {} },
    ...(isEarly ? { needs: ['prack' as const] } : {}),
    transports: ['udp', 'tls'],
    seconds: 22,
    reliesOn: 'audio',
    step: 'talk',
    fitForLoad: !isEarly,
    harm,
    advice:
      'Look which messages the media relay is shown: where the INVITE has no session description the offer is in the first reliable response (183 with 100rel, or 200), and the answer in the PRACK or ACK. Kamailio, OpenSIPS: rtpengine_offer() for the response, rtpengine_answer() for PRACK and ACK with a body.',
    async run({ alice, bob, expect, clock, target, within }) {
      precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
      await alice.registers()
      await bob.registers()
      bob.waitsForTheStory()
      const { call, incoming } = await arrivesAt(alice, bob, { lateOffer: true })
      const invite = bob.hears('INVITE', { callId: incoming.id }).first
      if (isEarly && !knowsReliability(invite)) unsupported('the called device is not told of 100rel')
      if (isEarly) void incoming.progress183({ sdp: true, reliable: true })
      const confirming = bob.hears(isEarly ? 'PRACK' : 'ACK', { callId: incoming.id })
      if (isEarly) await confirming.reaches(1, CONFIRMED_MS)
      if (!isEarly || confirming.count > 0) void incoming.answer()
      const final = await within(call.answered, ANSWERED_MS)
      if (final) loginTaken(final)
      // A back-to-back user agent may confirm ringing on one side alone.
      const first = alice.hears(undefined, { callId: call.id, to: 'INVITE', where: isReliable }).first
      if (first !== undefined)
        expect('offer', described(first), { seen: first }).toBeTrue('a session description with audio')
      await confirming.reaches(1, CONFIRMED_MS)
      // Where it has offered by itself there is nothing to be answered.
      if (!described(invite)) {
        expect('answer', described(confirming.last), { seen: confirming.last ?? first }).toBeTrue(
          'a session description with audio',
        )
      }
      precondition((final?.status ?? 200) < 300, `the call was refused with ${final?.status}`, 'call-refused')
      const heard = final && (await hearingEachOther(call, incoming, clock))
      const words = heard
        ? `the caller hears ${heard.first ? 'the other' : 'nothing'}, the called side ${heard.second ? 'the caller' : 'nothing'}`
        : 'the call is not answered'
      expect('heard', words, { seen: confirming.last ?? first }).toBe(
        'the caller hears the other, the called side the caller',
      )
      await within(call.hangUp(), 4_000)
    },
  }),
)

/** RFC 3262 §5, RFC 3261 §13.2.1: responses that can bring the offer. */
const isReliable = ({ message }: SipSighting): boolean =>
  message.kind === 'response' &&
  ((message.status > 100 && message.status < 200 && message.headers.has('RSeq')) ||
    (message.status >= 200 && message.status < 300))

const knowsReliability = (seen: SipSighting | undefined): boolean =>
  ['Supported', 'Require'].some((header) =>
    seen?.message.headers.values(header).some((tag) => tag.toLowerCase() === '100rel'),
  )

function described(seen: SipSighting | undefined): boolean {
  const body = seen && sessionDescriptionIn(seen.message)
  return (
    body !== undefined && SessionDescription.parse(body).media.some(({ media, port }) => media === 'audio' && port > 0)
  )
}
