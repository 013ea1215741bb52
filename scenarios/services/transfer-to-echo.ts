import { echoAt, hearingEachOther, owed, precondition, scenario, transferTaken, whereReached } from 'ringproof'

const PATIENCE_MS = 10_000

export default scenario({
  id: 'services/transfer-to-echo',
  title: 'A call is transferred to the echo test: who is left hears itself',
  area: 'services',
  purposes: ['TRANSFER'],
  provider: ['SC-4'],
  rules: {
    accepted: owed('RFC 3515 §2.4.2', 'a REFER within a call is accepted, or refused as not supported', {
      gravity: 'harm',
      cause: 'transfer-refused',
      harm: 'Calls cannot be transferred: the transfer is not answered, or fails.',
    }),
    reached: whereReached(
      owed('RFC 5589 §5', 'a call that is transferred to a service is connected to it', {
        gravity: 'outage',
        cause: 'transfer-loses-caller',
        harm: 'A transfer loses the caller where it goes to a service number.',
      }),
    ),
  },
  devices: { alice: { transfers: true }, bob: { transfers: true } },
  needs: ['echo'],
  reliesOn: 'audio',
  step: 'talk',
  seconds: 38,
  harm: 'A transfer to a service number loses the caller.',
  advice: 'Look whether the new INVITE, with Referred-By, is led to the service as any other call is.',
  async run({ alice, bob, services, expect, clock, within }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const before = await hearingEachOther(caller, callee, clock)
    precondition(before.first && before.second, 'the two did not hear each other before the transfer', 'no-audio')
    await within(caller.hold(), PATIENCE_MS)
    const referral = await alice.transfers(caller, services.echo ?? '')
    const { final } = referral.exchange
    transferTaken(referral, bob)
    const answer = alice.hears(undefined, { to: 'REFER' }).last
    const accepted = expect('accepted', final?.status ?? 'no answer', { seen: answer })
    if (!accepted.toSatisfy('a 2xx', (status) => typeof status === 'number' && status < 300)) return
    const outcome = await within(referral.outcome, PATIENCE_MS)
    await within(caller.hangUp(), 4_000)
    // Undefined where the provider connects the call that is there.
    const made = await bob.nextTransferred(outcome === undefined ? PATIENCE_MS : 100)
    const session = (made ?? callee).media
    precondition(session, 'the call has no audio session', 'no-audio')
    const heard = await echoAt(bob, session, clock)
    if (!heard.recognised) {
      // Who gets no echo without a transfer, either, has not been lost by it.
      const { media: direct } = await bob.reaches(services.echo ?? '')
      const otherwise = direct && (await echoAt(bob, direct, clock))
      precondition(
        otherwise?.recognised,
        `called directly, the echo test gives ${otherwise?.words ?? 'no audio'}, too`,
        'no-audio',
      )
    }
    expect('reached', heard.words, { seen: bob.says('INVITE').last ?? answer }).toSatisfy(
      'its own voice',
      () => heard.recognised,
    )
  },
})
