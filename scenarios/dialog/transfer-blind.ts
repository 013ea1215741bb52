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
  wasProxied,
  whereReached,
} from 'ringproof'

/** Until the new call rings, and until what came of it is told. */
const PATIENCE_MS = 10_000

export default scenario({
  id: 'dialog/transfer-blind',
  title: 'A call is transferred without consultation: the two that are left talk to each other',
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
    called: whereReached(
      owed('RFC 3515 §2.4.2', 'whom a call is transferred to is called', {
        gravity: 'outage',
        cause: 'transfer-loses-caller',
        harm: 'A transfer loses the caller: whom the call is transferred to is never called.',
      }),
    ),
    told: whereReached(
      must('RFC 3515 §2.4.4', 'who transfers a call is told by NOTIFY that it was taken', {
        gravity: 'harm',
        cause: 'transfer-not-told',
        follows: ['transfer-loses-caller', 'second-call-harms-first'],
        harm: 'Telephones show a transfer as going on, or as failed, although it was taken: nothing is told of it.',
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
      owed('RFC 5589 §5', 'after a transfer the two that are left hear each other', {
        gravity: 'outage',
        cause: 'transfer-loses-caller',
        follows: ['second-call-harms-first'],
        harm: 'A transfer loses the caller: once whoever has transferred the call has hung up, the other two hear nothing.',
      }),
    ),
    referredBy: whereReached(
      must('RFC 3892 §3', 'a proxy leaves Referred-By in a call as it is', {
        gravity: 'letter',
        harm: 'Telephones cannot show who has transferred a call: Referred-By is removed.',
      }),
    ),
  },
  devices: { alice: { transfers: true }, bob: { transfers: true }, carol: { transfers: true } },
  reliesOn: 'audio',
  step: 'talk',
  variants: [
    { transport: 'udp', family: 'ipv4' },
    { transport: 'tcp', family: 'ipv4' },
    { transport: 'tls', family: 'ipv4' },
    { transport: 'udp', family: 'ipv6' },
  ],
  seconds: 38,
  harm: 'A transfer loses the caller.',
  advice:
    'Follow REFER, its NOTIFYs and the new INVITE in the ladder: all three pass the provider within their dialogs, or the provider carries out the transfer itself. Kamailio, OpenSIPS: REFER and NOTIFY with a To tag are relayed as BYE is. Asterisk: allow_transfer=yes at the endpoint. The new call must not depend on the one that was transferred.',
  async run({ alice, bob, carol, expect, clock, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const { caller, callee } = await alice.calls(bob)
    await audioIsThere(caller, callee, clock, 'before the transfer')
    // As telephones do; where hold does not work, other scenarios say so.
    await within(caller.hold(), PATIENCE_MS)
    const referral = await alice.transfers(caller, carol)
    const { final } = referral.exchange
    transferTaken(referral, bob)
    const answer = alice.hears(undefined, { to: 'REFER' }).last
    const accepted = expect('accepted', final?.status ?? 'no answer', { seen: answer })
    if (!accepted.toSatisfy('a 2xx', (status) => typeof status === 'number' && status < 300)) return
    const arrived = await carol.nextCall(PATIENCE_MS)
    const seen = carol.hears('INVITE').last
    if (!expect('called', arrived !== undefined, { seen: answer }).toBeTrue('a call arrives there')) return
    await within(referral.outcome, PATIENCE_MS)
    const notice = alice.hears('NOTIFY').last
    // Who was not asked itself has not made the call: the provider has.
    const isLeftOpen = bob.hears('REFER').count === 0 && isToldNoMore(referral)
    const told = referral.statuses.at(-1) ?? 'nothing'
    expect(isLeftOpen ? 'toldByProvider' : 'told', told, { seen: notice }).toSatisfy(
      'a 2xx',
      (status) => typeof status === 'number' && status >= 200 && status < 300,
    )
    // A provider that carries out the transfer itself may have hung up already.
    await within(caller.hangUp(), 4_000)
    const after = await connected(bob, carol, clock)
    expect('connected', inWords(after), { seen }).toSatisfy('both hear each other', () => after.first && after.second)
    const made = bob.says('INVITE').last
    if (made && seen && wasProxied(made, seen)) {
      expect('referredBy', seen.message.headers.get('Referred-By') ?? null, { seen, header: 'Referred-By' }).toBe(
        made.message.headers.get('Referred-By') ?? null,
      )
    }
  },
})
