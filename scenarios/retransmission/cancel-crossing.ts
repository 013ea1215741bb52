import {
  arrivesAt,
  type Device,
  must,
  owed,
  precondition,
  ringsAt,
  scenario,
  type SipSighting,
  wasProxied,
  whereReached,
} from 'ringproof'

/** From the answer to the BYE of the caller: the 2xx, its ACK and the BYE over UDP, with repeats. */
const HANGS_UP_MS = 7_000

const advice =
  'Look at what is kept of a call whose CANCEL and answer cross. A proxy passes the 2xx on, and the ACK and BYE that follow; a back-to-back user agent acknowledges the 2xx itself and ends that side with BYE.'

const RULES = {
  hungUp: owed('RFC 3261 §15', 'a telephone that answers while the caller hangs up gets a BYE', {
    gravity: 'harm',
    cause: 'crossing-answer-lost',
    follows: [
      'second-success-lost',
      'invite-transaction-lost',
      'ack-lost',
      'hang-up-lost',
      'retransmission/cancel-too-late',
    ],
    harm: 'Whoever answers at the moment that the caller hangs up stays in a dead call, which goes on and may be charged.',
  }),
}

/** Whether the call that a device has answered was hung up, for the report. */
async function endOfCallAt(device: Device, callId: string): Promise<{ text: string; seen: SipSighting | undefined }> {
  const seen = await device.hears('BYE', { callId }).next(HANGS_UP_MS)
  return { text: seen === undefined ? 'no BYE' : 'BYE', seen }
}

export default [
  scenario({
    id: 'retransmission/answer-crosses-cancel',
    title: 'A telephone that answers while the CANCEL is on its way to it is hung up',
    area: 'retransmission',
    purposes: ['TX-CROSS'],
    rules: {
      ...RULES,
      passed: whereReached(
        must('RFC 3261 §16.7', 'a 2xx is forwarded, also where the caller has sent CANCEL', {
          gravity: 'harm',
          cause: 'crossing-answer-lost',
          follows: [
            'second-success-lost',
            'invite-transaction-lost',
            'ack-lost',
            'hang-up-lost',
            'retransmission/cancel-too-late',
          ],
          harm: 'The answer of a telephone is swallowed where the caller has hung up. Who answered stays in a dead call.',
        }),
      ),
    },
    devices: { alice: {}, bob: {} },
    transports: ['udp', 'tcp'],
    seconds: 20,
    reliesOn: 'call',
    step: 'hang up',
    harm: 'Calls that are answered while the caller hangs up are not ended.',
    advice,
    async run({ alice, bob, expect, within }) {
      await alice.registers()
      await bob.registers()
      const { call, incoming } = await ringsAt(alice, bob, within)
      // Bob lifts the receiver as the CANCEL comes: on the wire its 200 and the CANCEL cross.
      incoming.automatic.obeyCancel = false
      void call.cancel()
      precondition(await within(incoming.cancelled, 5_000), 'no CANCEL came to the called telephone')
      await incoming.answer()
      const end = await endOfCallAt(bob, incoming.id)
      if (
        wasProxied(alice.says('INVITE', { callId: call.id }).last, bob.hears('INVITE', { callId: incoming.id }).first)
      ) {
        const passed = alice.hears('2xx', { callId: call.id, to: 'INVITE' }).first
        const final = alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last
        expect('passed', passed === undefined ? (call.final?.status ?? 'no final response') : 200, {
          seen: passed ?? final,
        }).toBe(200)
      }
      expect('hungUp', end.text, { seen: end.seen }).toBe('BYE')
    },
  }),
  scenario({
    id: 'retransmission/cancel-crosses-answer',
    title: 'A caller who hangs up while the answer is on its way ends the call',
    area: 'retransmission',
    purposes: ['TX-CROSS'],
    rules: RULES,
    devices: { alice: {}, bob: {} },
    transports: ['udp', 'tcp'],
    seconds: 20,
    reliesOn: 'call',
    step: 'hang up',
    harm: 'Calls that are answered while the caller hangs up are not ended.',
    advice,
    async run({ alice, bob, expect }) {
      await alice.registers()
      await bob.registers()
      bob.waitsForTheStory()
      const { call, incoming } = await arrivesAt(alice, bob)
      await incoming.ring()
      // The answer is still on its way when Alice hangs up: her telephone learns of it from its repeat.
      alice.misses(
        (message) =>
          message.kind === 'response' &&
          message.status === 200 &&
          message.headers.get('CSeq')?.endsWith(' INVITE') === true,
      )
      await incoming.answer()
      const answer = await alice.hears('2xx', { callId: call.id, to: 'INVITE' }).next(4_000)
      void call.cancel()
      const cancel = await alice.says('CANCEL', { callId: call.id }).next(1_000)
      alice.misses()
      precondition(answer, 'the answer did not reach the caller', 'no-answer')
      precondition(cancel, 'no provisional response reached the caller, so that it could not cancel')
      const end = await endOfCallAt(bob, incoming.id)
      expect('hungUp', end.text, { seen: end.seen }).toBe('BYE')
    },
  }),
]
