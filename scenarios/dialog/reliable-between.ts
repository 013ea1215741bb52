import {
  arrivesAt,
  type Device,
  must,
  owed,
  precondition,
  scenario,
  type SipSighting,
  unsupported,
  wasProxied,
  whereReached,
} from 'ringproof'

/** Two ways over UDP, with repeats. */
const CONFIRMED_MS = 6_000
const ANSWERED_MS = 8_000
const PRACK_ANSWERED_MS = 4_000

const advice =
  'A proxy leaves Supported, Require, Unsupported, RSeq and RAck alone, and forwards PRACK as any request within a dialog, also before the call is answered. A back-to-back user agent confirms on each side by itself, and promises on either side only what it does. Asterisk: 100rel of the endpoint; FreeSWITCH: enable-100rel of the profile.'

const lists = (seen: SipSighting | undefined, header: string) =>
  seen?.message.headers.values(header).some((tag) => tag.toLowerCase() === '100rel') === true
/**
 * What came of each PRACK of the device, once it is known (`none`: nothing, in time). A PRACK that asks for a log-in is sent again
 * under another number, and is judged by that.
 */
async function answersToPracks(device: Device, callId: string) {
  const numbers = new Set(device.says('PRACK', { callId }).all.map(({ message }) => message.cseq.number))
  const answers = await Promise.all(
    [...numbers].map((cseq) =>
      device
        .hears(undefined, { callId, cseq, to: 'PRACK', where: ({ message }) => statusOf(message) >= 200 })
        .next(PRACK_ANSWERED_MS),
    ),
  )
  return answers
    .map((seen) => ({ seen, status: seen === undefined ? ('none' as const) : statusOf(seen.message) }))
    .filter(({ status }) => status !== 401 && status !== 407)
}

const statusOf = (message: SipSighting['message']) => (message.kind === 'response' ? message.status : 0)

/** Provisional responses that the device has heard and that ask for a confirmation. */
const asked = (device: Device, callId: string) =>
  device.hears('1xx', { callId, where: (seen) => seen.message.headers.has('RSeq') || lists(seen, 'Require') })

export default [
  scenario({
    id: 'dialog/reliable-between',
    title: 'Reliable provisional responses (100rel) of the called device are confirmed, and the call is answered',
    area: 'dialog',
    purposes: ['REL-BETWEEN'],
    rules: {
      offered: whereReached(
        must('RFC 3261 §16.6', 'a proxy tells the called device that the caller supports 100rel', {
          gravity: 'letter',
          harm: 'Devices that want ringing to be confirmed (100rel) are not told that the caller can.',
        }),
      ),
      confirmed: must('RFC 3262 §4', 'reliable provisional responses of the called device are confirmed by PRACK', {
        gravity: 'outage',
        cause: 'prack-lost',
        follows: ['provisional-lost', 'to-tag-changed', 'route-lost', 'ack-lost', 'out-of-reach'],
        harm: 'Calls whose ringing must be confirmed (100rel, as in mobile networks) are not answered: the PRACK does not reach the called device.',
      }),
      accepted: whereReached(
        must('RFC 3262 §3', "the caller's PRACK for a reliable provisional response is answered with a 2xx", {
          gravity: 'harm',
          cause: 'prack-lost',
          follows: ['to-tag-changed', 'ack-lost'],
          harm: 'The PRACK of callers is refused.',
        }),
      ),
      answered: whereReached(
        owed('RFC 3262 §3', 'a call whose provisional responses were confirmed is answered', {
          gravity: 'outage',
          follows: ['prack-lost'],
          harm: 'Calls between devices that confirm ringing (100rel) are not answered.',
        }),
      ),
    },
    devices: { alice: {}, bob: {} },
    needs: ['prack'],
    transports: ['udp', 'tcp'],
    seconds: 14,
    reliesOn: 'call',
    step: 'call',
    harm: 'Calls whose ringing must be confirmed (100rel, as in mobile networks) fail.',
    advice,
    async run({ alice, bob, expect, within }) {
      await alice.registers()
      await bob.registers()
      bob.waitsForTheStory()
      const { call, incoming } = await arrivesAt(alice, bob)
      const sent = alice.says('INVITE', { callId: call.id }).last
      const arrived = bob.hears('INVITE', { callId: incoming.id }).first
      if (wasProxied(sent, arrived))
        expect('offered', lists(arrived, 'Supported'), { seen: arrived, header: 'Supported' }).toBeTrue('100rel')
      if (!lists(arrived, 'Supported') && !lists(arrived, 'Require'))
        unsupported('the called device is not told of 100rel')
      const pracks = bob.hears('PRACK', { callId: incoming.id })
      // The second is sent when the first is confirmed.
      void incoming.progress183({ sdp: true, reliable: true })
      void incoming.ring({ reliable: true })
      const confirmed = await pracks.reaches(2, CONFIRMED_MS)
      const reliable = bob.says('1xx', {
        callId: incoming.id,
        where: ({ message }) => message.headers.has('RSeq'),
      }).last
      const isConfirmed = expect('confirmed', new Set(pracks.header('RAck')).size, {
        seen: pracks.last ?? reliable,
      }).toBe(2, 'reliable response that is confirmed')
      for (const { seen, status } of await answersToPracks(alice, call.id))
        expect('accepted', status, { seen }).toSatisfy('a 2xx', (one) => one !== 'none' && one < 300)
      if (confirmed && isConfirmed) {
        void incoming.answer()
        const final = await within(call.answered, ANSWERED_MS)
        expect('answered', final?.status ?? 'no final response', {
          seen: alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last,
        }).toBe(200)
      }
      await within(call.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'dialog/reliable-caller-lacks',
    title: 'A caller without 100rel is not asked to confirm anything, and its call is answered',
    area: 'dialog',
    purposes: ['REL-BETWEEN'],
    rules: {
      plain: must('RFC 3262 §3', 'a caller without 100rel gets no provisional response that must be confirmed', {
        gravity: 'harm',
        cause: '100rel-unasked',
        harm: 'Telephones without 100rel are asked to confirm ringing, which they cannot: their calls are not answered.',
      }),
      kept: whereReached(
        must('RFC 3262 §4', 'who tells the called device that 100rel is supported confirms what is sent reliably', {
          gravity: 'outage',
          cause: '100rel-unasked',
          harm: 'Called devices are told that ringing will be confirmed (100rel), and nobody does: calls of telephones without 100rel are not answered.',
        }),
      ),
      answered: owed('RFC 3262 §3', 'a call of a device without 100rel is answered', {
        gravity: 'outage',
        follows: ['100rel-unasked'],
        harm: 'Calls of telephones without 100rel are not answered.',
      }),
    },
    devices: { alice: { knowsPrack: false }, bob: {} },
    transports: ['udp'],
    seconds: 14,
    reliesOn: 'call',
    step: 'call',
    harm: 'Calls of telephones without 100rel fail.',
    advice,
    async run({ alice, bob, expect, within }) {
      await alice.registers()
      await bob.registers()
      bob.waitsForTheStory()
      const { call, incoming } = await arrivesAt(alice, bob, { automatic: { acknowledgeReliable: false } })
      const arrived = bob.hears('INVITE', { callId: incoming.id }).first
      const reliable = lists(arrived, 'Supported') || lists(arrived, 'Require')
      await incoming.progress183({ sdp: true, reliable })
      const pracks = bob.hears('PRACK', { callId: incoming.id })
      if (reliable) {
        await pracks.reaches(1, CONFIRMED_MS)
        expect('kept', pracks.count > 0, { seen: arrived, header: 'Supported' }).toBeTrue('a PRACK')
      }
      if (!reliable || pracks.count > 0) void incoming.answer()
      const final = await within(call.answered, reliable && pracks.count === 0 ? 500 : ANSWERED_MS)
      const asking = asked(alice, call.id)
      expect('plain', asking.count, { seen: asking.first, header: 'Require' }).toBe(
        0,
        'response that must be confirmed',
      )
      expect('answered', final?.status ?? 'no final response', {
        seen: alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last,
      }).toBe(200)
      await within(call.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'dialog/reliable-callee-lacks',
    title:
      'A device without 100rel can be called; a call that requires 100rel is refused with 420, or confirmed on the way',
    area: 'dialog',
    purposes: ['REL-BETWEEN'],
    rules: {
      answered: owed('RFC 3262 §4', 'a device without 100rel can be called by one that supports it', {
        gravity: 'outage',
        cause: '100rel-unasked',
        harm: 'Telephones without 100rel cannot be called: what the caller merely supports is required of them.',
      }),
      refused: must(
        'RFC 3261 §8.2.2.3',
        'a call that requires 100rel, to a device without, is refused with 420, or 100rel is served on the way',
        {
          gravity: 'letter',
          cause: '100rel-not-required',
          harm: 'Callers that require ringing to be confirmed (100rel) get it unconfirmed.',
        },
      ),
      named: whereReached(
        must('RFC 3261 §8.2.2.3', 'a 420 for want of 100rel names it in Unsupported', {
          gravity: 'harm',
          harm: 'Callers are not told which extension the called device lacks, and cannot try again without it.',
        }),
      ),
    },
    devices: { alice: {}, bob: { knowsPrack: false } },
    needs: ['prack'],
    transports: ['udp'],
    seconds: 16,
    reliesOn: 'call',
    step: 'call',
    harm: 'Calls to telephones without 100rel fail.',
    advice,
    async run({ alice, bob, expect, within }) {
      await alice.registers()
      await bob.registers()
      const arrivals = bob.hears('INVITE')
      const plain = await alice.invites(bob)
      const answer = await within(plain.answered, ANSWERED_MS)
      precondition(answer ?? arrivals.first, 'the call did not arrive', 'call-not-arrived')
      const last = (callId: string) => alice.hears(undefined, { callId, to: 'INVITE' }).last
      expect('answered', answer?.status ?? 'no final response', { seen: last(plain.id) }).toBe(200)
      await within(plain.hangUp(), 4_000)
      const call = await alice.invites(bob, { reliableProvisionals: 'required' })
      const final = await within(call.answered, ANSWERED_MS)
      precondition(final, 'a call that requires 100rel got no final response', 'no-answer')
      const unconfirmed = alice.hears('1xx', {
        callId: call.id,
        where: ({ message }) => 'status' in message && message.status > 100 && !message.headers.has('RSeq'),
      })
      const words =
        final.status < 300 ? `${final.status} after ${unconfirmed.count} unconfirmed responses` : `${final.status}`
      const isServed = final.status < 300 && unconfirmed.count === 0
      // Any other refusal than 421 tells nothing of it.
      precondition(
        final.status < 300 || [420, 421].includes(final.status),
        `the call was rejected with ${final.status}`,
        'call-refused',
      )
      expect('refused', words, { seen: unconfirmed.first ?? last(call.id) }).toSatisfy(
        '420, or an answer without unconfirmed ringing',
        () => final.status >= 400 || isServed,
      )
      if (final.status === 420) {
        expect(
          'named',
          final.headers.values('Unsupported').map((tag) => tag.toLowerCase()),
          {
            seen: last(call.id),
            header: 'Unsupported',
          },
        ).toSatisfy('100rel', (tags) => tags.includes('100rel'))
      }
      if (final.status < 300) await within(call.hangUp(), 4_000)
    },
  }),
]
