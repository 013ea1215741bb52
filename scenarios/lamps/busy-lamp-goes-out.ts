import {
  arrivesAt,
  type IncomingCall,
  type OutgoingCall,
  owed,
  precondition,
  scenario,
  STAYS_LIT_AFTER,
  watchesLine,
  whereReached,
} from 'ringproof'

const SOON_MS = 5_000

export default scenario({
  id: 'lamps/busy-lamp-goes-out',
  title: 'The busy lamp goes out when a caller gives up, and when a call is rejected',
  area: 'lamps',
  purposes: ['BLF-END'],
  rules: {
    cancelled: owed('RFC 4235 §3.7.1', 'a call that its caller has given up is over for watchers of the line', {
      gravity: 'harm',
      cause: 'lamp-stays-lit',
      follows: STAYS_LIT_AFTER,
      harm: 'Busy lamps stay on after a caller has given up: a line seems to ring, or to be busy, for ever.',
    }),
    rejected: whereReached(
      owed('RFC 4235 §3.7.1', 'a call that was rejected is over for watchers of the line', {
        gravity: 'harm',
        cause: 'lamp-stays-lit',
        follows: STAYS_LIT_AFTER,
        harm: 'Busy lamps stay on after a call was rejected: a line seems to ring, or to be busy, for ever.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: {}, carol: {} },
  reliesOn: 'call',
  seconds: 24,
  harm: 'Busy lamps stay on after calls.',
  advice:
    'Follow one call that ends this way from the part that knows of calls to the notifier: each end (487 and other rejections) has to be told as terminated. Kamailio: pua_dialoginfo sends a PUBLISH at the end of each dialog, whose lifetime bounds the damage.',
  async run({ alice, bob, carol, expect, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const lamp = await watchesLine(alice, bob)
    bob.waitsForTheStory()
    const seen = () => ({ seen: alice.hears('NOTIFY').last })
    /** What the lamp shows once the call is over. */
    const rung = async (end: (call: OutgoingCall, arrived: IncomingCall) => Promise<unknown>) => {
      const { call, incoming: arrived } = await arrivesAt(carol, bob)
      await arrived.ring()
      await within(call.ringing, 4_000)
      const lit = await lamp.becomes(['ringing', 'busy'], SOON_MS)
      await within(end(call, arrived), 6_000)
      await lamp.becomes('dark', SOON_MS)
      const shows = lamp.shows()
      // A lamp that was dark all along has not gone out.
      precondition(lit || shows !== 'dark', 'the lamp did not show that the line rang')
      return shows
    }
    const cancelled = await rung((call) => call.hangUp())
    if (!expect('cancelled', cancelled, seen()).toBe('dark')) return
    const rejected = await rung((call, arrived) => arrived.reject(486).then(() => call.ended))
    expect('rejected', rejected, seen()).toBe('dark')
  },
})
