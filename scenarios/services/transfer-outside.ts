import { hearingEachOther, owed, precondition, scenario, soundAt, transferTaken, whereReached } from 'ringproof'

const PATIENCE_MS = 10_000
const LISTENS_MS = 3_000

export default scenario({
  id: 'services/transfer-outside',
  title: 'A call is transferred to a number that is dialled as one outside: who is left is connected to it',
  area: 'services',
  purposes: ['TRANSFER'],
  provider: ['SC-2'],
  rules: {
    accepted: owed('RFC 3515 §2.4.2', 'a REFER within a call is accepted, or refused as not supported', {
      gravity: 'harm',
      cause: 'transfer-refused',
      harm: 'Calls cannot be transferred: the transfer is not answered, or fails.',
    }),
    reached: whereReached(
      owed('RFC 5589 §5', 'a call that is transferred to a number outside is connected to it', {
        gravity: 'outage',
        cause: 'transfer-loses-caller',
        harm: 'A transfer loses the caller where it goes to a number outside.',
      }),
    ),
  },
  devices: { alice: { transfers: true }, bob: { transfers: true } },
  needs: ['mailbox-external'],
  reliesOn: 'audio',
  step: 'talk',
  seconds: 38,
  harm: 'A transfer to a number outside loses the caller.',
  advice: 'Look whether the new INVITE, with Referred-By, is led outside as any other call is, and at whose expense.',
  async run({ alice, bob, services, expect, clock, within, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const before = await hearingEachOther(caller, callee, clock)
    precondition(before.first && before.second, 'the two did not hear each other before the transfer', 'no-audio')
    await within(caller.hold(), PATIENCE_MS)
    const referral = await alice.transfers(caller, services.mailbox?.external ?? '')
    const { final } = referral.exchange
    transferTaken(referral, bob)
    const answer = alice.hears(undefined, { to: 'REFER' }).last
    const accepted = expect('accepted', final?.status ?? 'no answer', { seen: answer })
    if (!accepted.toSatisfy('a 2xx', (status) => typeof status === 'number' && status < 300)) return
    await within(referral.outcome, PATIENCE_MS)
    await within(caller.hangUp(), 4_000)
    // A provider that carries out the transfer itself connects the call that is there.
    const since = bob.hears('2xx', { to: 'INVITE' }).last?.at ?? clock.now()
    await waits(LISTENS_MS)
    const { audible, words } = soundAt(bob, since)
    if (!audible) {
      // Who hears nothing there without a transfer, either, has not been lost by it.
      const directly = clock.now()
      await bob.reaches(services.mailbox?.external ?? '')
      await waits(LISTENS_MS)
      const { audible: otherwise, words: sound } = soundAt(bob, directly)
      precondition(otherwise, `called directly, the number is silent, too: ${sound}`, 'no-audio')
    }
    expect('reached', words, { seen: bob.says('INVITE').last ?? answer }).toSatisfy('what is said there', () => audible)
  },
})
