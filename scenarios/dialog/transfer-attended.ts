import {
  audioIsThere,
  connected,
  finding,
  inWords,
  isToldNoMore,
  must,
  owed,
  scenario,
  transferTaken,
  unsupported,
  whereReached,
} from 'ringproof'

const PATIENCE_MS = 10_000

export default scenario({
  id: 'dialog/transfer-attended',
  title: 'A call is transferred after consultation: it takes the place of the call that was made for that',
  area: 'dialog',
  purposes: ['TRANSFER'],
  provider: ['BH-1', 'BH-4'],
  rules: {
    accepted: owed('RFC 3515 §2.4.2', 'a REFER within a call is accepted, or refused as not supported', {
      gravity: 'harm',
      follows: ['second-call-harms-first'],
      cause: 'transfer-refused',
      harm: 'Calls cannot be transferred: the transfer is not answered, or fails.',
    }),
    told: whereReached(
      must('RFC 3515 §2.4.4', 'who transfers a call is told by NOTIFY that it was taken', {
        gravity: 'harm',
        cause: 'transfer-not-told',
        follows: ['transfer-loses-caller', 'second-call-harms-first'],
        harm: 'Telephones show a transfer as going on, or as failed, although it was taken: nothing is told of it.',
      }),
    ),
    replaced: whereReached(
      owed('RFC 3891 §3', 'the call that was made for the consultation is replaced, and ends', {
        gravity: 'harm',
        cause: 'replaces-lost',
        follows: ['transfer-loses-caller'],
        harm: 'A transfer after consultation does not join the calls: the telephone that it goes to rings once more.',
      }),
    ),
    toldByProvider: whereReached(
      finding('RFC 3515 §2.4.5', 'a provider that carries out the transfer itself goes on telling until it was taken', {
        gravity: 'harm',
        follows: ['second-call-harms-first'],
        cause: 'transfer-not-told',
        harm: 'Telephones show a transfer as going on although it was taken: they are told that it is tried, and nothing more.',
      }),
    ),
    connected: whereReached(
      owed('RFC 5589 §7.3', 'after a transfer the two that are left hear each other', {
        gravity: 'outage',
        cause: 'transfer-loses-caller',
        follows: ['second-call-harms-first'],
        harm: 'A transfer loses the caller: after the consultation the other two are not connected.',
      }),
    ),
  },
  devices: { alice: { transfers: true }, bob: { transfers: true }, carol: { transfers: true } },
  reliesOn: 'audio',
  step: 'talk',
  variants: [
    { transport: 'udp', family: 'ipv4' },
    { transport: 'tls', family: 'ipv4' },
  ],
  seconds: 38,
  harm: 'A transfer after consultation loses the caller.',
  advice:
    'Look at Replaces in Refer-To and in the new INVITE: Call-ID and tags have to be those of the call as the called telephone knows it, so that a back-to-back user agent has to translate them, or joins the calls itself. A proxy leaves the field as it is, and leads the call to the telephone that has the other one.',
  async run({ alice, bob, carol, expect, clock, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const first = await alice.calls(bob)
    await audioIsThere(first.caller, first.callee, clock, 'before the transfer')
    await within(first.caller.hold(), PATIENCE_MS)
    const second = await alice.calls(carol)
    await audioIsThere(second.caller, second.callee, clock, 'in the consultation')
    await within(second.caller.hold(), PATIENCE_MS)
    const referral = await alice.transfers(first.caller, carol, { replacing: second.caller })
    const { final } = referral.exchange
    transferTaken(referral, bob)
    const answer = alice.hears(undefined, { to: 'REFER' }).last
    const accepted = expect('accepted', final?.status ?? 'no answer', { seen: answer })
    if (!accepted.toSatisfy('a 2xx', (status) => typeof status === 'number' && status < 300)) return
    const outcome = await within(referral.outcome, PATIENCE_MS)
    if (outcome === 420) unsupported('the new call was refused with 420: Replaces is not known')
    const end = await within(second.caller.ended, 4_000)
    const seen = carol.hears('INVITE').last
    const notice = alice.hears('NOTIFY').last
    // Who was not asked itself has not made the call: the provider has.
    const isLeftOpen = bob.hears('REFER').count === 0 && isToldNoMore(referral)
    const told = referral.statuses.at(-1) ?? 'nothing'
    expect(isLeftOpen ? 'toldByProvider' : 'told', told, { seen: notice }).toSatisfy(
      'a 2xx',
      (status) => typeof status === 'number' && status >= 200 && status < 300,
    )
    expect('replaced', end?.cause ?? 'it goes on', { seen }).toBe('bye')
    // A provider that joins the calls itself may have hung up already.
    await within(first.caller.hangUp(), 4_000)
    await within(second.caller.hangUp(), 4_000)
    const after = await connected(bob, carol, clock)
    expect('connected', inWords(after), { seen }).toSatisfy('both hear each other', () => after.first && after.second)
  },
})
