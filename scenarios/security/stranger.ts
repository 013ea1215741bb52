import { type EstablishedCall, finding, precondition, scenario, type Stage } from 'ringproof'

const harm = 'Whoever reads the signalling of a call on the way, as on a public Wi-Fi, can end it, again and again.'
const advice =
  'Let the proxy take BYE and CANCEL from the address that the call came from, or ask others for a log-in. TLS keeps such readers out.'
const devices = { alice: {}, bob: {} } as const

const byeRules = {
  goesOn: finding('RFC 3261 §26.1.4', 'a BYE from an address that has nothing to do with the call does not end it', {
    gravity: 'letter',
  }),
}

/** A BYE as the caller would write it, sent from somewhere else. */
async function sendsForgedBye(
  { alice }: Pick<Stage<typeof byeRules, typeof devices>, 'alice'>,
  caller: EstablishedCall['caller'],
) {
  const dialog = caller.dialog
  precondition(dialog, 'the call has no dialog')
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
    title: 'A stranger who has read the signalling cannot end a call',
    area: 'security',
    purposes: ['DLG-STRANGER'],
    rules: byeRules,
    devices,
    seconds: 10,
    harm,
    advice,
    async run({ alice, bob, expect, waits, within }) {
      await alice.registers()
      await bob.registers()
      const { caller } = await alice.calls(bob)
      await sendsForgedBye({ alice }, caller)
      await waits(1_500)
      const seen = bob.hears('BYE').first
      expect('goesOn', seen?.at, { seen }).toBeAbsent()
      await within(caller.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'security/bye-of-stranger-to-service',
    title: 'A stranger who has read the signalling cannot end a call to a service number',
    area: 'security',
    purposes: ['DLG-STRANGER'],
    provider: ['SC-4'],
    rules: byeRules,
    devices,
    needs: ['echo'],
    seconds: 10,
    harm,
    advice,
    async run({ alice, services, expect, waits, within }) {
      await alice.registers()
      const caller = await alice.reaches(services.echo ?? '')
      await waits(500)
      precondition(caller.state === 'established', 'the call was not up')
      await sendsForgedBye({ alice }, caller)
      await waits(700)
      const from = alice.packets.filter(({ direction }) => direction === 'in').length
      await waits(500)
      const now = alice.packets.filter(({ direction }) => direction === 'in').length
      expect('goesOn', now - from).toSatisfy('audio goes on', (count) => count > 5)
      await within(caller.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'security/cancel-of-stranger',
    title: 'A stranger who has read the signalling cannot stop a telephone from ringing',
    area: 'security',
    purposes: ['DLG-STRANGER'],
    rules: {
      ringsOn: finding(
        'RFC 3261 §26.1.4',
        'a CANCEL from an address that has nothing to do with the call does not end it',
        { gravity: 'letter' },
      ),
    },
    devices,
    seconds: 10,
    harm,
    advice,
    async run({ alice, bob, expect, waits, within }) {
      await alice.registers()
      await bob.registers()
      bob.rings()
      const call = await alice.invites(bob)
      precondition(await within(call.ringing, 6_000), 'the called device did not ring')
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
      // What makes it the INVITE's: the same Via, branch and all (RFC 3261 §9.1).
      cancel.headers.set('Via', invite.headers.get('Via') ?? '')
      stranger.send(cancel.toBytes(), alice.hop.remote)
      await waits(1_500)
      const seen = bob.hears('CANCEL').first
      expect('ringsOn', seen?.at, { seen }).toBeAbsent()
      await within(call.hangUp(), 4_000)
    },
  }),
]
