import {
  arrivesAt,
  finding,
  type Lamp,
  must,
  owed,
  precondition,
  scenario,
  STAYS_DARK_AFTER,
  STAYS_LIT_AFTER,
  watchesLine,
  whereReached,
} from 'ringproof'

/** A lamp follows at once, or within the second that notifiers may wait (RFC 4235 §3.10); a server that asks others needs longer. */
const SOON_MS = 5_000

export default scenario({
  id: 'lamps/busy-lamp',
  title: 'The busy lamp of a colleague shows that the line rings, talks, and is free again',
  area: 'lamps',
  purposes: ['BLF'],
  rules: {
    ringing: finding('RFC 4235 §3.7', 'watchers of a line are told that it rings', {
      gravity: 'harm',
      cause: 'lamp-stays-dark',
      follows: STAYS_DARK_AFTER,
      harm: 'Busy lamps do not show that a line rings: colleagues cannot take the call.',
    }),
    busy: owed('RFC 6665 §4.2.2', 'watchers of a line are told that it has taken a call', {
      gravity: 'harm',
      cause: 'lamp-stays-dark',
      follows: STAYS_DARK_AFTER,
      harm: 'Busy lamps do not show that a line is in a call.',
    }),
    free: owed('RFC 6665 §4.2.2', 'watchers of a line are told that its call is over', {
      gravity: 'harm',
      cause: 'lamp-stays-lit',
      follows: STAYS_LIT_AFTER,
      harm: 'Busy lamps stay on after calls: colleagues seem to be busy for ever.',
    }),
    outgoing: whereReached(
      owed('RFC 4235 §3.7.1', 'watchers of a line are told of a call that it makes itself', {
        gravity: 'harm',
        cause: 'lamp-stays-dark',
        harm: 'Busy lamps stay dark while a colleague has called somebody: only calls that come in are shown.',
      }),
    ),
    order: whereReached(
      must('RFC 4235 §4.1', 'each document of a subscription has a higher version than the one before', {
        gravity: 'harm',
        cause: 'lamp-documents-unordered',
        harm: 'Busy lamps are wrong on telephones that look at the version of what they are told: its numbers do not grow.',
      }),
    ),
    direction: whereReached(
      must('RFC 4235 §4.1.1', 'a call that the line takes, and one that it makes, are told as such', {
        gravity: 'letter',
        harm: 'Telephones show a call that a colleague makes as one that can be taken, or the other way round.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: {}, carol: {} },
  reliesOn: 'call',
  seconds: 16,
  harm: 'Busy lamps are wrong.',
  advice:
    'Look which part knows of calls (dialog module, dial plan), whether it tells the notifier of each change, and whether both mean the same account. Kamailio: pua_dialoginfo beside dialog; Asterisk: the hint must name the endpoint; FreeSWITCH: presence-hosts and manage-presence.',
  async run({ alice, bob, carol, expect, note, within }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const lamp = await watchesLine(alice, bob)
    bob.waitsForTheStory()
    const { call, incoming: arrived } = await arrivesAt(carol, bob)
    await arrived.ring()
    await lamp.becomes(['ringing', 'busy'], SOON_MS)
    expect('ringing', lamp.shows(), { seen: alice.hears('NOTIFY').last }).toBeOneOf(['ringing', 'busy'])
    const early = lamp.documents.length
    await arrived.answer()
    precondition(await within(arrived.acknowledged, 4_000), 'the call did not come about')
    await lamp.becomes('busy', SOON_MS)
    expect('busy', lamp.shows(), { seen: alice.hears('NOTIFY').last }).toBe('busy')
    const taken = directionIn(lamp, 0)
    await within(call.hangUp(), 4_000)
    await lamp.becomes('dark', SOON_MS)
    expect('free', lamp.shows(), { seen: alice.hears('NOTIFY').last }).toBe('dark')
    if (lamp.shows() !== 'dark' || early === 0) return

    carol.answers()
    const before = lamp.documents.length
    const { caller } = await bob.calls(carol)
    await lamp.becomes('busy', SOON_MS)
    expect('outgoing', lamp.shows(), { seen: alice.hears('NOTIFY').last }).toBe('busy')
    const made = directionIn(lamp, before)
    await within(caller.hangUp(), 4_000)
    await lamp.becomes('dark', SOON_MS)
    const seen = alice.hears('NOTIFY').last
    expect('free', lamp.shows(), { seen }).toBe('dark')
    if (taken !== undefined && made !== undefined)
      expect('direction', `${taken}, then ${made}`, { seen }).toBe('recipient, then initiator')
    else note('the target does not tell who called whom')
    const versions = versionsOf(lamp)
    expect('order', versions.join(', '), { seen }).toSatisfy('numbers that grow', () =>
      versions.every((one, at) => at === 0 || one > (versions[at - 1] ?? one)),
    )
  },
})

/** Of the first call that is told from that document on; undefined: it is not told. */
function directionIn(lamp: Lamp, from: number): 'initiator' | 'recipient' | undefined {
  const told = lamp.documents.slice(from).flatMap(({ info }) => info.dialogs)
  return told.find(({ state, direction }) => state !== 'terminated' && direction !== undefined)?.direction
}

/** Of the notifier that answered first: each has numbers of its own. */
function versionsOf(lamp: Lamp): number[] {
  const [first] = lamp.documents
  const tag = first?.notification.request.from.tag
  return lamp.documents.flatMap(({ info, notification }) =>
    notification.request.from.tag === tag && info.version !== undefined ? [info.version] : [],
  )
}
