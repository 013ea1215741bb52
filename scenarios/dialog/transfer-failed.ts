import {
  audioIsThere,
  finding,
  hearingEachOther,
  must,
  owed,
  precondition,
  scenario,
  transferTaken,
  whereReached,
} from 'ringproof'

const PATIENCE_MS = 10_000
const NOT_TOLD = 'Whoever has transferred a call to a busy telephone is not told that it failed.'
const LOST = 'A transfer loses the caller: where it fails the call cannot be taken back.'

export default scenario({
  id: 'dialog/transfer-failed',
  title: 'A call is transferred to a busy telephone: who has done so is told, and takes it back',
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
      must('RFC 3515 §2.4.4', 'who transfers a call is told by NOTIFY that it was not taken', {
        gravity: 'harm',
        cause: 'transfer-not-told',
        follows: ['transfer-loses-caller', 'second-call-harms-first'],
        harm: NOT_TOLD,
      }),
    ),
    back: whereReached(
      owed('RFC 5589 §6.3', 'after a transfer that failed both hear each other again', {
        gravity: 'outage',
        cause: 'transfer-loses-caller',
        follows: ['silent-after-hold', 'hold-refused'],
        harm: LOST,
      }),
    ),
    toldByProvider: whereReached(
      finding('RFC 3515 §2.4.5', 'a provider that carries out the transfer itself tells that it was not taken', {
        gravity: 'harm',
        follows: ['second-call-harms-first'],
        cause: 'transfer-not-told',
        harm: NOT_TOLD,
      }),
    ),
    backByProvider: whereReached(
      finding('RFC 5589 §6.3', 'where a provider carries out the transfer itself the call can be taken back', {
        gravity: 'harm',
        cause: 'transfer-loses-caller',
        harm: LOST,
      }),
    ),
  },
  devices: { alice: { transfers: true }, bob: { transfers: true }, carol: { transfers: true } },
  reliesOn: 'audio',
  step: 'talk',
  seconds: 38,
  harm: LOST,
  advice:
    'Look whether the NOTIFY with the failure reaches the telephone that has transferred the call, and whether that call is kept until then.',
  async run({ alice, bob, carol, expect, clock, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    carol.rejects(486)
    const { caller, callee } = await alice.calls(bob)
    await audioIsThere(caller, callee, clock, 'before the transfer')
    const held = await within(caller.hold(), PATIENCE_MS)
    const referral = await alice.transfers(caller, carol)
    const { final } = referral.exchange
    transferTaken(referral, bob)
    const answer = alice.hears(undefined, { to: 'REFER' }).last
    const accepted = expect('accepted', final?.status ?? 'no answer', { seen: answer })
    if (!accepted.toSatisfy('a 2xx', (status) => typeof status === 'number' && status < 300)) return
    await within(referral.outcome, PATIENCE_MS)
    const tried = carol.hears('INVITE').last
    precondition(tried, 'the call was not transferred, so that nothing could fail', 'call-not-arrived')
    // Who was not asked itself has not made the call: the provider has.
    const isCarried = bob.hears('REFER').count > 0
    const seen = alice.hears('NOTIFY').last ?? answer
    const told = referral.statuses.at(-1) ?? 'nothing'
    expect(isCarried ? 'told' : 'toldByProvider', told, { seen }).toSatisfy(
      'a failure',
      (status) => typeof status === 'number' && status >= 300,
    )
    if (caller.state === 'established' && held?.status === 200) await within(caller.resume(), PATIENCE_MS)
    const isUp = caller.state === 'established' && callee.state === 'established'
    const after = isUp ? await hearingEachOther(caller, callee, clock) : { first: false, second: false }
    const words = isUp ? 'the call is up, and silent' : 'the call was ended'
    const isBack = after.first && after.second
    expect(isCarried ? 'back' : 'backByProvider', isBack ? 'both hear each other' : words, { seen }).toBe(
      'both hear each other',
    )
    await within(caller.hangUp(), 4_000)
  },
})
