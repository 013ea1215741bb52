import { type EstablishedCall, finding, precondition, scenario, type Stage } from 'ringproof'

const advice =
  'Accept BYE and CANCEL only from the address that the INVITE of the call came from, or challenge them. TLS keeps others from reading the signalling.'
const devices = { alice: {}, bob: {} } as const

const byeRules = {
  goesOn: finding('RFC 3261 §26.1.4', 'a BYE from an address that has no part in the call does not end it', {
    gravity: 'exposure',
    cause: 'in-dialog-by-strangers',
  }),
}
/** Between customers it is the proxy that lets the BYE in, as it does with others that need no log-in. */
const proxiedByeRules = { goesOn: { ...byeRules.goesOn, follows: ['calls-without-login'] } } as const

/** A BYE as the caller would write it, sent from somewhere else. */
async function sendsForgedBye(
  { alice }: Pick<Stage<typeof byeRules, typeof devices>, 'alice'>,
  caller: EstablishedCall['caller'],
) {
  const dialog = caller.dialog
  precondition(dialog, 'the call has no dialog', 'no-answer')
  const stranger = await alice.bindsSocket('stranger')
  const bye = alice.composes('BYE', dialog.remoteTarget, {
    callId: caller.id,
    cseq: (dialog.localSequence ?? caller.invite?.cseq.number ?? 0) + 1,
    from: `<${alice.aor}>;tag=${caller.localTag}`,
    to: caller.final?.headers.get('To') ?? '',
    contact: false,
    sentBy: hostPort(stranger.local),
    headers: dialog.routeSet.map((uri) => ['Route', uri.startsWith('<') ? uri : `<${uri}>`] as const),
  })
  stranger.send(bye.toBytes(), alice.hop.remote)
}

const hostPort = ({ address, port }: { address: string; port: number }) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

export default [
  scenario({
    id: 'security/bye-of-stranger',
    title: 'A BYE from a stranger who has read the signalling does not end a call',
    area: 'security',
    purposes: ['DLG-STRANGER'],
    rules: proxiedByeRules,
    devices,
    reliesOn: 'call',
    seconds: 10,
    harm: 'Anybody who can read the signalling of a call, as on a public Wi-Fi, can end it.',
    advice,
    async run({ alice, bob, expect, waits, within }) {
      await alice.registers()
      await bob.registers()
      const { caller } = await alice.calls(bob)
      await sendsForgedBye({ alice }, caller)
      await waits(1_500)
      const seen = bob.hears('BYE').first
      expect('goesOn', seen ? 'the BYE is passed on' : 'the call goes on', { seen }).toBe('the call goes on')
      await within(caller.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'security/bye-of-stranger-to-service',
    title: 'A BYE from a stranger who has read the signalling does not end a call to a service number',
    area: 'security',
    purposes: ['DLG-STRANGER'],
    provider: ['SC-4'],
    rules: byeRules,
    devices,
    needs: ['echo'],
    seconds: 10,
    harm: 'Anybody who can read the signalling of a call to a service number can end it.',
    advice,
    async run({ alice, services, expect, waits, within }) {
      await alice.registers()
      const caller = await alice.reaches(services.echo ?? '')
      await waits(500)
      precondition(caller.state === 'established', 'the call has already ended')
      precondition(
        alice.packets.some(({ direction }) => direction === 'in'),
        'the service sent no audio, by which it is seen that the call goes on',
        'no-audio',
      )
      await sendsForgedBye({ alice }, caller)
      await waits(700)
      const from = alice.packets.filter(({ direction }) => direction === 'in').length
      await waits(500)
      const now = alice.packets.filter(({ direction }) => direction === 'in').length
      expect('goesOn', `${now - from} packets of audio in 500 ms`).toSatisfy('audio goes on', () => now - from > 5)
      await within(caller.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'security/cancel-of-stranger',
    title: 'A CANCEL from a stranger who has read the signalling does not stop the ringing',
    area: 'security',
    purposes: ['DLG-STRANGER'],
    rules: {
      ringsOn: finding('RFC 3261 §26.1.4', 'a CANCEL from an address that has no part in the call does not end it', {
        gravity: 'exposure',
      }),
    },
    devices,
    reliesOn: 'call',
    seconds: 10,
    harm: 'Anybody who can read the signalling of a call can stop the called telephone from ringing.',
    advice,
    async run({ alice, bob, expect, waits, within }) {
      await alice.registers()
      await bob.registers()
      bob.rings()
      const call = await alice.invites(bob)
      precondition(await within(call.ringing, 6_000), 'no ringing reached the caller', 'call-not-arrived')
      const invite = alice.says('INVITE', { callId: call.id }).last?.message
      precondition(invite?.kind === 'request', 'no INVITE was sent')
      const stranger = await alice.bindsSocket('stranger')
      const cancel = alice.composes('CANCEL', invite.uri, {
        callId: call.id,
        cseq: invite.cseq.number,
        from: invite.headers.get('From') ?? '',
        to: invite.headers.get('To') ?? '',
        contact: false,
      })
      // It belongs to the INVITE by the same Via, branch included (RFC 3261 §9.1).
      cancel.headers.set('Via', invite.headers.get('Via') ?? '')
      stranger.send(cancel.toBytes(), alice.hop.remote)
      await waits(1_500)
      const seen = bob.hears('CANCEL').first
      expect('ringsOn', seen ? 'the CANCEL is passed on' : 'it rings on', { seen }).toBe('it rings on')
      await within(call.hangUp(), 4_000)
    },
  }),
]
