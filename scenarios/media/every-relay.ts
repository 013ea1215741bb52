import { onlyWhereRelayed, promised, scenario, voiceAt, whereReached } from 'ringproof'

const CALLS = 6

export default scenario({
  id: 'media/every-relay',
  title: 'Several calls in a row, whichever relay they get, have audio in both directions',
  area: 'media',
  purposes: ['HALF', 'MED-TWOWAY'],
  provider: ['EP-4', 'EP-5', 'BH-4'],
  rules: {
    bothWays: promised('BH-4', 'each call has audio in both directions', {
      gravity: 'outage',
      cause: 'no-audio',
      harm: 'One side hears nothing in {silent|some} of {calls|several} calls in a row between the same devices.',
    }),
    intact: whereReached(
      promised('BH-4', 'the audio that arrives is the audio that was sent, in each call', {
        gravity: 'outage',
        cause: 'audio-altered',
        harm: 'Audio is altered on its way in {altered|some} of {calls|several} calls in a row: customers hear noise.',
      }),
    ),
    ownAudio: promised('BH-4', 'no call receives the audio of another call', {
      gravity: 'exposure',
      cause: 'wrong-audio',
      harm: "Customers hear other customers' calls.",
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'talk',
  families: ['ipv4', 'ipv6'],
  seconds: 30,
  harm: 'Some calls are silent in one direction.',
  advice:
    'The table names the relay of each call and who heard nothing: where only some relays are concerned, look at those, their firewalls and their addresses in SDP; where all are, look at what controls them.',
  async run({ alice, bob, expect, within, shows, figure }) {
    await alice.registers()
    await bob.registers()
    const rows: string[][] = []
    const halves: string[] = []
    const altered: string[] = []
    const foreign: string[] = []
    const silentCalls = new Set<number>()
    const alteredCalls = new Set<number>()
    for (let number = 1; number <= CALLS; number++) {
      const call = await alice.calls(bob)
      onlyWhereRelayed(call)
      const { caller, callee } = call
      await Promise.all([
        caller.media?.hears(callee.media?.patternId ?? -1, 3_000),
        callee.media?.hears(caller.media?.patternId ?? -1, 3_000),
      ])
      const row = [String(number)]
      for (const [who, device, own, other] of [
        ['the caller', alice, caller.media, callee.media],
        ['the called device', bob, callee.media, caller.media],
      ] as const) {
        const relay = `${own?.remote?.address}:${own?.remote?.port}`
        const heard = voiceAt(device, own, other?.patternId)
        row.push(relay, heard.recognised ? 'hears' : heard.words)
        const text = `call ${number}, ${who}, from ${relay}: ${heard.words}`
        if (!heard.audible) {
          halves.push(text)
          silentCalls.add(number)
        }
        if (heard.ofAnother) foreign.push(text)
        if (heard.altered) {
          altered.push(text)
          alteredCalls.add(number)
        }
      }
      rows.push(row)
      await within(caller.hangUp(), 4_000)
    }
    shows({
      kind: 'table',
      title: 'Who heard whom, over which relay',
      columns: ['call', "caller's relay", 'caller', "called device's relay", 'called device'],
      rows,
    })
    figure('calls', CALLS)
    if (silentCalls.size > 0) figure('silent', silentCalls.size)
    if (alteredCalls.size > 0) figure('altered', alteredCalls.size)
    expect('bothWays', halves).toBeEmpty()
    if (halves.length < 2 * CALLS) expect('intact', altered).toBeEmpty()
    expect('ownAudio', foreign).toBeEmpty()
  },
})
