import { callsBoth, must, owed, precondition, scenario } from 'ringproof'

/** From the answer to the BYE that ends it: the 2xx, its ACK and the BYE over UDP, with repeats. */
const HANGS_UP_MS = 7_000

const advice =
  'Look at what becomes of a 2xx on a branch that was cancelled. A proxy passes it on, and the ACK and BYE that follow; a back-to-back user agent acknowledges it itself and ends that side with BYE.'

export default [
  scenario({
    id: 'proxy/fork-answer-crosses-cancel',
    title:
      'When the caller hangs up while one of two telephones answers, that one is hung up and the other stops ringing',
    area: 'proxy',
    purposes: ['TX-CROSS'],
    rules: {
      stops: must('RFC 3261 §16.10', 'when the caller hangs up, every telephone that rings gets a CANCEL', {
        gravity: 'harm',
        cause: 'cancel-lost',
        follows: ['cancel-refused'],
        harm: 'Of several telephones of an account some go on ringing after the caller has hung up.',
      }),
      hungUp: owed('RFC 3261 §15', 'the telephone that answers while the caller hangs up gets a BYE', {
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
    },
    devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
    needs: ['shared-credentials:fork'],
    transports: ['udp', 'tcp'],
    seconds: 20,
    reliesOn: 'call',
    step: 'hang up',
    harm: 'Calls that are answered while the caller hangs up are not ended everywhere.',
    advice,
    async run({ alice, desk, kitchen, expect, within }) {
      desk.rings()
      kitchen.rings()
      const { call, atOne: answers, atOther: rings } = await callsBoth(alice, desk, kitchen)
      precondition(answers && rings, 'the call did not reach both telephones', 'call-not-arrived')
      precondition(await within(call.ringing, 4_000), 'ringing did not reach the caller')
      // Somebody lifts the receiver at the desk as the CANCEL comes: on the wire its 200 and the CANCEL cross.
      answers.automatic.obeyCancel = false
      void call.cancel()
      const cancelled = await within(Promise.all([answers.cancelled, rings.cancelled]), 5_000)
      const deskHeard = desk.hears('CANCEL', { callId: answers.id })
      const kitchenHeard = kitchen.hears('CANCEL', { callId: rings.id })
      expect('stops', [deskHeard, kitchenHeard].filter(({ count }) => count > 0).length, {
        seen: kitchenHeard.first ?? deskHeard.first,
      }).toBe(2, 'telephone that gets a CANCEL')
      precondition(cancelled ?? deskHeard.first, 'no CANCEL came to the telephone that was to answer')
      await answers.answer()
      const bye = await desk.hears('BYE', { callId: answers.id }).next(HANGS_UP_MS)
      expect('hungUp', bye === undefined ? 'no BYE' : 'BYE', { seen: bye }).toBe('BYE')
    },
  }),
  scenario({
    id: 'proxy/fork-both-answer',
    title: 'When two telephones of an account answer at the same moment, one has the call and the other is hung up',
    area: 'proxy',
    purposes: ['TX-CROSS'],
    rules: {
      hungUp: owed('RFC 3261 §15', 'of two telephones that answer at the same moment one gets a BYE', {
        gravity: 'harm',
        cause: 'crossing-answer-lost',
        follows: [
          'second-success-lost',
          'invite-transaction-lost',
          'ack-lost',
          'hang-up-lost',
          'retransmission/cancel-too-late',
        ],
        harm: 'Where two telephones answer at the same moment, one of them stays in a dead call.',
      }),
      stays: owed('RFC 3261 §13.2.2.4', 'where two telephones answer at the same moment, one of them has the call', {
        gravity: 'harm',
        harm: 'Where two telephones answer at the same moment, both are cut off.',
      }),
    },
    devices: { alice: {}, desk: {}, kitchen: { sharesAccountOf: 'desk' } },
    needs: ['shared-credentials:fork'],
    transports: ['udp', 'tcp'],
    seconds: 20,
    reliesOn: 'call',
    step: 'call',
    harm: 'Calls that two telephones answer at once are not left to one of them.',
    advice,
    async run({ alice, desk, kitchen, expect, within }) {
      desk.waitsForTheStory()
      kitchen.rings()
      const { call, atOne: first, atOther: second } = await callsBoth(alice, desk, kitchen)
      precondition(first && second, 'the call did not reach both telephones', 'call-not-arrived')
      // The kitchen answers as its CANCEL comes: on the wire its 200 and the CANCEL cross.
      second.automatic.obeyCancel = false
      await first.answer()
      precondition(await within(second.cancelled, 5_000), 'no CANCEL came to the telephone that did not answer first')
      await second.answer()
      await Promise.race([
        desk.hears('BYE', { callId: first.id }).next(HANGS_UP_MS),
        kitchen.hears('BYE', { callId: second.id }).next(HANGS_UP_MS),
      ])
      const ended = [desk.hears('BYE', { callId: first.id }).first, kitchen.hears('BYE', { callId: second.id }).first]
      const hungUp = ended.filter((seen) => seen !== undefined)
      expect('hungUp', hungUp.length > 0, { seen: hungUp[0] }).toBeTrue('a BYE for one of the two')
      expect('stays', hungUp.length < 2, { seen: hungUp[1], certain: true }).toBeTrue('one call that goes on')
      await within(call.hangUp(), 4_000)
    },
  }),
]
