import {
  finding,
  precondition,
  ringsAt,
  saysAnsweredElsewhere,
  scenario,
  should,
  wasProxied,
  whereReached,
} from 'ringproof'

const ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'

export default scenario({
  id: 'proxy/cancel-reason',
  title: 'The called telephone hears why it stops ringing as the caller says it',
  area: 'proxy',
  purposes: ['PRX-MISSED'],
  rules: {
    passed: whereReached(
      should('RFC 3326 §2', 'the Reason of a CANCEL goes on to the callee', {
        gravity: 'harm',
        harm: 'Behind a telephone system that rings several places, calls are shown as missed that were answered elsewhere.',
      }),
    ),
    honest: finding('RFC 3326 §1', 'a call that the caller gave up is not told to have been answered elsewhere', {
      gravity: 'harm',
      harm: 'Telephones show no missed calls: those that the caller gave up count as answered elsewhere.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 16,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'Lists of missed calls are wrong.',
  advice:
    'Look at the Reason of the CANCEL that goes to the telephone. Kamailio: e2e_cancel_reason and local_cancel_reason of tm.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    /** Rings and hangs up; the CANCEL as it came to the called telephone. */
    const givesUp = async (headers: Readonly<Record<string, string>>) => {
      const { call, incoming } = await ringsAt(alice, bob, within)
      void call.cancel({ headers })
      await within(incoming.cancelled, 5_000)
      const cancel = bob.hears('CANCEL', { callId: incoming.id }).first
      precondition(cancel, 'no CANCEL came to the called telephone')
      await within(call.answered, 4_000)
      const proxied = wasProxied(
        alice.says('INVITE', { callId: call.id }).last,
        bob.hears('INVITE', { callId: incoming.id }).first,
      )
      return { cancel, proxied }
    }
    const plain = await givesUp({})
    expect('honest', plain.cancel.message.headers.get('Reason') ?? null, {
      seen: plain.cancel,
      header: 'Reason',
    }).toSatisfy('nothing of an answer elsewhere', () => !saysAnsweredElsewhere(plain.cancel.message))
    // RFC 3326 §2 is about proxies; a back-to-back user agent makes CANCELs of its own.
    if (!plain.proxied) return
    const { cancel } = await givesUp({ Reason: ELSEWHERE })
    expect('passed', cancel.message.headers.get('Reason') ?? null, { seen: cancel, header: 'Reason' }).toSatisfy(
      ELSEWHERE,
      () => saysAnsweredElsewhere(cancel.message),
    )
  },
})
