import { precondition, promised, scenario, whereReached } from 'ringproof'

/** Longer than the NAT remembers, so that only keep-alives hold it open. */
const IDLE_MS = 14_000

export default scenario({
  id: 'nat/keep-alive',
  title: 'A device behind NAT that sends keep-alives can be called, right away and after an idle while',
  area: 'nat',
  purposes: ['NAT-KEEP'],
  provider: ['BH-9'],
  rules: {
    atOnce: promised('BH-9', 'a device behind NAT is reached right after it registered', {
      gravity: 'outage',
      cause: 'nat-unreachable',
      follows: ['signalling-unpublished', 'call-not-delivered'],
      harm: 'Customers behind a router cannot be called.',
    }),
    afterIdle: whereReached(
      promised('BH-9', 'a device behind NAT is still reached after a while in which it sent keep-alives only', {
        gravity: 'outage',
        cause: 'nat-forgotten',
        follows: ['nat-unreachable'],
        harm: 'Customers behind a router cannot be called after {idle|a while} without calls. Keep-alives do not help.',
      }),
    ),
  },
  devices: {
    alice: { nat: { mappingTimeoutMs: 6_000 }, keepAlive: { kind: 'crlf', everyMs: 2_500 }, audio: false },
    bob: { audio: false },
  },
  families: ['ipv4'],
  seconds: 30,
  reliesOn: 'call',
  step: 'call',
  harm: 'Customers behind a router cannot be called.',
  advice:
    'Send INVITE to the address that the REGISTER came from, from the port that it went to. Kamailio: fix_nated_register() with received_avp. Asterisk: rewrite_contact=yes. FreeSWITCH: apply-nat-acl.',
  async run({ alice, bob, expect, figure, target, waits, within }) {
    precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
    await alice.registers()
    await bob.registers()
    alice.rejects(486)
    const isReached = async () => {
      const { call, arrived } = await bob.tries(alice)
      await within(call.ended, 1_500)
      return arrived !== undefined
    }
    const first = await isReached()
    expect('atOnce', first, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
    if (!first) return
    await waits(IDLE_MS)
    figure('idle', `${IDLE_MS / 1000} s`)
    precondition(
      alice.nat?.mappings().length,
      'the keep-alives were sent too late to hold the NAT open',
      'harness-late',
    )
    const later = await isReached()
    expect('afterIdle', later, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
  },
})
