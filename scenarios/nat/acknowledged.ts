import {
  type Device,
  type EstablishedCall,
  formatEndpoint,
  owed,
  precondition,
  scenario,
  whereReached,
} from 'ringproof'

/** Copies of a 200 come after T1, 3·T1, 7·T1 and so on: by then each of several has had its ACK, if there is a way for one. */
const COPIES = 20
/** One ACK may be lost on its way, and a copy may cross it. */
const SOME = 3

const ADVICE =
  'Look in the ladder at where the ACK is sent, and whether the server passes it on. It has to take the way of the INVITE: by Route, then over the connection or to the address and port that the device registered from, not to the inside address in its Contact. Kamailio: loose_route() and handle_ruri_alias() for ACK too; behind NAT itself, advertise of listen. Asterisk: rewrite_contact=yes, external_signaling_address. FreeSWITCH: ext-sip-ip.'

type Role = 'callee' | 'caller'
type AnyCall = EstablishedCall[Role]

const ROLES: readonly { readonly role: Role; readonly title: string; readonly harm: string }[] = [
  {
    role: 'callee',
    title: 'A device behind NAT that answers a call gets the ACK, so that the call is not cut off after 32 s',
    harm: 'Calls to customers behind a router are cut off {after|32 s} after they were answered: the ACK does not arrive.',
  },
  {
    role: 'caller',
    title: 'The ACK of a device behind NAT arrives, and so do the ACKs for what it answers itself',
    harm: 'Calls of customers behind a router are cut off {after|32 s} after the answer: the ACK does not arrive.',
  },
]

export default ROLES.map(({ role, title, harm }) =>
  scenario({
    id: `nat/ack-of-${role}`,
    title,
    area: 'nat',
    purposes: ['NAT-ACK'],
    provider: ['BH-9', 'BH-1'],
    rules: {
      acknowledged: owed('RFC 3261 §13.2.2.4', 'the ACK of an answered call reaches the device that answered it', {
        gravity: 'outage',
        cause: 'ack-lost',
        follows: ['route-lost', 'second-success-lost', 'signalling-unpublished'],
      }),
      noticed: whereReached(
        owed('RFC 3261 §13.3.1.4', "the caller's 200 is not repeated any more once the caller has acknowledged it", {
          gravity: 'outage',
          cause: 'ack-lost',
          follows: ['route-lost', 'retransmission/success-until-ack'],
          harm: 'Calls of customers are cut off after half a minute: the server does not get the ACK of the caller.',
        }),
      ),
      again: whereReached(
        owed('RFC 3261 §13.2.2.4', 'the ACK of a re-INVITE reaches the device behind NAT that answered it', {
          gravity: 'outage',
          cause: 'ack-lost',
          follows: ['route-lost', 'second-success-lost', 'signalling-unpublished'],
          harm: 'Calls of customers behind a router are cut off {after|32 s} after the other side has put them on hold: the ACK does not arrive.',
        }),
      ),
    },
    devices: { alice: { nat: { mappingTimeoutMs: 30_000 } }, bob: {} },
    transports: ['udp', 'tcp', 'tls'],
    seconds: 40,
    reliesOn: 'call',
    step: 'talk',
    harm,
    advice: ADVICE,
    async run({ alice, bob, expect, figure, target, within, waits }) {
      const { T1 } = target.timers
      const [from, to] = role === 'callee' ? [bob, alice] : [alice, bob]
      await alice.registers()
      await bob.registers()
      const ringing = to.nextCall()
      const caller = await from.reaches(to)
      const callee = await ringing
      precondition(callee, 'the call was answered, but did not reach the called device', 'call-not-arrived')

      /** Waits for the ACK of a 200 that a device has sent; where none comes, for the end that this makes of the call. */
      const ackAt = async (device: Device, call: AnyCall, sender: Device, of: AnyCall, cseq: number) => {
        const answered = device.says(200, { callId: call.id, to: 'INVITE', cseq })
        const ack = await device.hears('ACK', { callId: call.id, cseq }).next(COPIES * T1)
        if (ack) return { told: 'it arrives', seen: ack }
        const end = await within(call.ended, 48 * T1)
        const lastedS = Math.round(((end?.at ?? 0) - (answered.first?.at ?? 0)) / 1000)
        if (end) figure('after', `${lastedS} s`)
        const acks = sender.says('ACK', { callId: of.id, since: answered.first?.at ?? 0 }).all
        const to = acks[0] ? formatEndpoint(acks[0].remote) : (of.dialog?.nextHop ?? 'nowhere')
        const way = acks.length > 0 ? `${acks.length} sent to ${to}` : `none could be sent to ${to}`
        const rest = end ? `the call is cut off after ${lastedS} s` : 'the call is still up'
        return { told: `no ACK for ${answered.count} copies of the 200 (${way}): ${rest}`, seen: answered.last }
      }

      const first = await ackAt(to, callee, from, caller, callee.invite.cseq.number)
      expect('acknowledged', first.told, { seen: first.seen }).toBe('it arrives')
      if (first.told !== 'it arrives') return

      const acknowledgedAt = from.says('ACK', { callId: caller.id }).first?.at ?? 0
      await waits(8 * T1)
      const copies = from
        .hears(200, { callId: caller.id, to: 'INVITE' })
        .all.filter(({ at, message }) => at > acknowledgedAt + T1 && message.cseq.number === caller.invite?.cseq.number)
      expect('noticed', copies.length, { seen: copies.at(-1) }).toSatisfy(`fewer than ${SOME} copies`, (n) => n < SOME)

      const [other, own] = role === 'callee' ? ([caller, callee] as const) : ([callee, caller] as const)
      const changed = await within(other.reinvite(), 16 * T1)
      const arrived = alice.hears('INVITE', {
        callId: own.id,
        where: ({ message }) => message.to.tag !== undefined,
      }).last
      // Back-to-back user agents may answer for the other side.
      if (changed?.status === 200 && arrived) {
        const second = await ackAt(alice, own, bob, other, arrived.message.cseq.number)
        expect('again', second.told, { seen: second.seen }).toBe('it arrives')
      }
      await within(caller.hangUp({ impatient: true }), 8 * T1)
    },
  }),
)
