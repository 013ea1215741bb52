import {
  audioLoss,
  type EstablishedCall,
  familyOf,
  onlyWhereRelayed,
  promised,
  RelayCoverage,
  scenario,
  SessionDescription,
  type VoiceHeard,
  voiceAt,
  whereReached,
} from 'ringproof'

/** So many calls in any case: a relay, or what controls it, may fail in one call of ten. */
const CALLS = 10
/** So many calls, or ms, at most until every published relay was met. */
const MOST_CALLS = 30
const MOST_MS = 33_000

/** What went through one relay to one side. */
interface Row {
  ends: number
  silent: number
  altered: number
  unrecognised: number
  foreign: number
  received: number
  lost: number
  jitterMs: number
}

const NO_CALLS: Row = {
  ends: 0,
  silent: 0,
  altered: 0,
  unrecognised: 0,
  foreign: 0,
  received: 0,
  lost: 0,
  jitterMs: 0,
}
const NOTHING = { expected: 0, lost: 0, gaps: 0 }

export default scenario({
  id: 'media/every-relay',
  title: 'Calls in a row, until every published relay was met, have audio in both directions',
  area: 'media',
  purposes: ['HALF', 'MED-TWOWAY'],
  provider: ['EP-4', 'EP-5', 'BH-4'],
  rules: {
    ownFamily: promised(
      'EP-5',
      'whichever relay a call goes through, each device is given an address of its own family',
      {
        gravity: 'outage',
        cause: 'address-family-wrong',
        harm: 'Of {calls|several} calls in a row between the same devices {elsewhere|some} fail: a device is given a relay address of the other IP family.',
      },
    ),
    bothWays: promised('BH-4', 'each call has audio in both directions', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['address-family-wrong'],
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
    complete: whereReached(
      promised('BH-4', 'at most 1 % of the audio packets are lost, whichever relay leads them', {
        gravity: 'harm',
        cause: 'audio-lost',
        harm: 'Some calls have gaps: a relay loses audio packets.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'talk',
  families: ['ipv4', 'ipv6'],
  seconds: 38,
  harm: 'Some calls are silent in one direction.',
  advice:
    'The table names who heard nothing through which relay: where only some relays are concerned, look at those, their firewalls and their addresses in SDP; where all are, look at what controls them.',
  async run({ alice, bob, target, variant, expect, within, shows, figure, note, now }) {
    await alice.registers()
    await bob.registers()
    const coverage = new RelayCoverage(target, variant.family)
    const rows = new Map<string, Row>()
    const halves: string[] = []
    const voices: VoiceHeard[] = []
    const foreign: string[] = []
    const losses: ReturnType<typeof audioLoss>[] = []
    const [silentCalls, alteredCalls] = [new Set<number>(), new Set<number>()]
    const elsewhere: string[] = []
    let calls = 0
    /** The address that an offer gives a device where it is of the other family: the device rejects it. */
    const otherFamilyIn = (offer: string | undefined) => {
      const address = offer === undefined ? undefined : SessionDescription.parse(offer).media[0]?.connection?.address
      return address === undefined || familyOf(address) === variant.family ? undefined : address
    }
    const goesOn = () => calls < CALLS || (coverage.missing.length > 0 && calls < MOST_CALLS && now() < MOST_MS)
    for (; goesOn(); ) {
      const arrives = bob.hears('INVITE', { since: now() })
      const call = await alice.calls(bob).catch((error: unknown) => {
        const given = otherFamilyIn(arrives.last?.message.body.toString())
        if (given === undefined) throw error
        elsewhere.push(`call ${calls + 1}: ${given} at the called device`)
        return undefined
      })
      calls += 1
      if (call === undefined) continue
      const answered = otherFamilyIn(call.caller.remoteSdp)
      if (answered !== undefined) elsewhere.push(`call ${calls}: ${answered} at the caller`)
      onlyWhereRelayed(call)
      const { caller, callee } = call
      await Promise.all([
        caller.media?.hears(callee.media?.patternId ?? -1, 3_000),
        callee.media?.hears(caller.media?.patternId ?? -1, 3_000),
      ])
      for (const [who, device, own, other] of [
        ['the caller', alice, caller.media, callee.media],
        ['the called device', bob, callee.media, caller.media],
      ] as const) {
        const relay = own?.remote ? coverage.meets(own.remote) : 'no relay'
        const heard = voiceAt(device, own, other?.patternId)
        const text = `call ${calls}, ${who}, from ${relay}: ${heard.words}`
        if (!heard.audible) {
          halves.push(text)
          silentCalls.add(calls)
        }
        if (heard.ofAnother) foreign.push(text)
        voices.push({ ...heard, words: text })
        if (heard.altered) alteredCalls.add(calls)
        if (own && heard.audible) losses.push(audioLoss(own.report(), NOTHING, target))
        countIn(rows, `${relay}, to ${who}`, own, heard)
      }
      await within(caller.hangUp(), 4_000)
    }
    shows({
      kind: 'table',
      title: `${calls} calls, by relay and direction`,
      columns: [
        'relay and direction',
        'calls',
        'silent',
        'altered',
        'not recognised',
        'other audio',
        'received',
        'lost',
        'jitter, ms',
      ],
      rows: [...rows]
        .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
        .map(([name, row]) => [name, ...inWords(row)]),
    })
    if (coverage.missing.length > 0)
      note(`published relays that none of the ${calls} calls met: ${coverage.missing.join(', ')}`)
    figure('calls', calls)
    if (elsewhere.length > 0) figure('elsewhere', elsewhere.length)
    if (silentCalls.size > 0) figure('silent', silentCalls.size)
    if (alteredCalls.size > 0) figure('altered', alteredCalls.size)
    expect('ownFamily', elsewhere).toBeEmpty(`an ${variant.family === 'ipv6' ? 'IPv6' : 'IPv4'} address in each call`)
    if (elsewhere.length === calls) return
    expect('bothWays', halves).toBeEmpty('audio in both directions, in each call')
    if (halves.length < 2 * calls) expect('intact', voices).toBeIntact()
    expect('ownAudio', foreign).toBeEmpty('audio of the same call, in each call')
    if (losses.length > 0) expect('complete', losses).toBeComplete()
  },
})

function countIn(
  rows: Map<string, Row>,
  name: string,
  session: EstablishedCall['caller']['media'],
  heard: ReturnType<typeof voiceAt>,
): void {
  const row = rows.get(name) ?? { ...NO_CALLS }
  const received = session?.report().received
  row.ends += 1
  row.silent += Number(!heard.audible)
  row.altered += Number(heard.altered)
  row.unrecognised += Number(heard.unrecognised)
  row.foreign += Number(heard.ofAnother)
  row.received += received?.packets ?? 0
  row.lost += Math.max(0, received?.lost ?? 0)
  row.jitterMs = Math.max(row.jitterMs, received?.jitterMs ?? 0)
  rows.set(name, row)
}

const inWords = ({ jitterMs, ends, silent, altered, unrecognised, foreign, received, lost }: Row): string[] => [
  ...[ends, silent, altered, unrecognised, foreign, received, lost].map(String),
  jitterMs.toFixed(1),
]
