/** Far ends of audio that send what none should: each scenario ends, nothing is in error, and what is said names what came. */
import { describe, expect, it } from 'vitest'
import { type ConformanceOutcome, runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant } from './detection.js'
import * as hostile from './hostile-media.js'

const scenarios = inFirstVariant(await allScenarios())

async function runIn(
  manner: hostile.Manner | undefined,
  only: readonly string[],
  way = hostile.heardIn,
): Promise<ConformanceOutcome> {
  if (manner === undefined) throw new Error('there is no such manner')
  const { stages, document } = await virtualStages({ seed: 3, faults: [] })
  const outcome = await runConformance({
    scenarios,
    document,
    stages: {
      ...stages,
      on: (key, story) => stages.on(key, (world) => story({ ...world, network: way(world, manner) })),
    },
    selection: { only, slow: true },
    brief: true,
  })
  expect(outcome.scenarios.map(({ id }) => id).sort()).toEqual([...only].sort())
  expect(outcome.scenarios.filter(({ verdict }) => verdict === 'error').map(({ id, reason }) => [id, reason])).toEqual(
    [],
  )
  return outcome
}

/** Each check that did not hold, and each scenario that gave up, in words. */
const brokenIn = ({ scenarios: ran }: ConformanceOutcome): string[] =>
  ran.flatMap(({ id, verdict, checks }) => {
    if (verdict === 'pass') return []
    const broken = checks.filter((check) => check.verdict !== 'pass')
    return broken.map(
      (check) => `${check.verdict} ${check.id.includes('/') ? check.id : `${id}#${check.id}`}: ${check.actual}`,
    )
  })

/** What the standing checks say, but for what they say of every provider without TLS. */
const notedIn = ({ notes }: ConformanceOutcome): string[] =>
  [...new Set(notes.map(({ note }) => `${note.severity} ${note.id}: ${note.title}: ${note.actual}`))].filter(
    (text) => !text.includes('EXAM-NUMBERS-IN-CLEAR'),
  )

const among = (manners: Readonly<Record<string, hostile.Manner>>) => Object.entries(manners)
const CALLS = ['media/echo', 'media/two-way', 'srtp/echo']
const NO_RTP =
  /^warn EXAM-RTP-FORM: What comes to a port of audio is not RTP: 10 datagrams within \d+ ms from 127\.0\.0\.156:\d+ \([a-z-]+\)$/
/** Many random octets look like the headers of many sources, and that is what is said of them. */
const SOURCES = /^warn EXAM-RTP-SEQUENCE: The source of RTP \(SSRC\) changes all the time: more than 64 at one port$/

describe('beside the audio come', () => {
  /** What may come to such a port. */
  const FINE = ['an empty datagram', 'STUN, DTLS and SIP on the port of RTP']

  it.each(among(hostile.besides))('%s: the call is good, and who sends it is named', async (name, manner) => {
    const outcome = await runIn(manner, CALLS)
    expect(brokenIn(outcome)).toEqual([])
    const noted = notedIn(outcome)
    expect(noted.filter((text) => !NO_RTP.test(text) && !SOURCES.test(text))).toEqual([])
    expect(noted.some((text) => NO_RTP.test(text))).toBe(!FINE.includes(name))
  })

  it.each(among(hostile.besides))(
    '%s, of a called device through the relay: the call is good',
    async (name, manner) => {
      const outcome = await runIn(manner, ['media/two-way', 'media/echo'], hostile.saidIn)
      expect(brokenIn(outcome)).toEqual([])
      const noted = notedIn(outcome)
      expect(noted.filter((text) => !NO_RTP.test(text) && !SOURCES.test(text))).toEqual([])
      expect(noted.some((text) => NO_RTP.test(text))).toBe(!FINE.includes(name))
    },
  )
})

describe('audio comes', () => {
  it.each(among(hostile.otherwise))('%s: it is heard, and the place is named', async (name, manner) => {
    const outcome = await runIn(manner, [...CALLS, 'media/symmetric'])
    const broken = brokenIn(outcome)
    expect(broken).toHaveLength(1)
    expect(broken[0]).toMatch(
      name.includes('address')
        ? /^warn media\/symmetric#symmetric: 192\.0\.2\.77:30000/
        : /^warn media\/symmetric#symmetric: 127\.0\.0\.156:\d+/,
    )
    expect(notedIn(outcome)).toEqual(
      name.includes('address')
        ? [
            'fail EXAM-PUBLISHED-RELAYS: Media comes from an address or port that is not published: RTP from 192.0.2.77:30000',
          ]
        : [],
    )
  })
})

describe('in clear the far end sends', () => {
  const cases: Readonly<Record<string, { readonly broken?: RegExp; readonly noted?: RegExp }>> = {
    'another SSRC with each packet': {
      broken: /^inconclusive media\/\S+#intact: .*\d+ packets of the voice under \d{3} sources \(SSRC\)/,
      noted: SOURCES,
    },
    'two SSRCs in turn': {},
    'a payload type that was not agreed on': {
      broken:
        /^fail media\/\S+#(?:heard|calle[er]Hears|callerHears): \d+ packets with payload type 77, which was not agreed on$/,
      noted: /^fail EXAM-RTP-PAYLOAD-TYPE: .*: 77$/,
    },
    'another payload type with each packet': {
      broken:
        /^fail media\/\S+#(?:heard|callerHears|calleeHears): \d+ packets with payload types that were not agreed on: \d/,
      noted: /^fail EXAM-RTP-PAYLOAD-TYPE/,
    },
    'timestamps that jump with each packet': {
      broken: /^inconclusive media\/\S+#intact: .*the voice with timestamps that do not advance as the audio does/,
      noted: /EXAM-RTP-TIMING: (?:Timestamps of RTP|The clock of RTP)/,
    },
    'timestamps that stand still': {
      broken: /^inconclusive media\/\S+#intact: .*the voice with timestamps that do not advance as the audio does/,
      noted: /^fail EXAM-RTP-TIMING: (?:Timestamps of RTP stand still|The clock of RTP)/,
    },
    'sequence numbers at random': { noted: /^warn EXAM-RTP-SEQUENCE: Sequence numbers of RTP jump/ },
    'one sequence number for all': {
      broken: /^inconclusive media\/\S+#intact: .*the voice with sequence numbers that repeat/,
      noted: /^fail EXAM-RTP-SEQUENCE: Several RTP packets carry the same sequence number/,
    },
    'payloads of random length': { broken: /^fail media\/\S+#intact: .*packets of noise/ },
    'payloads of one octet': { broken: /^fail media\/\S+#(?:heard|calleeHears|callerHears): \d+ packets of silence$/ },
    'random octets only': {
      broken: /^fail media\/\S+#(?:heard|calleeHears|callerHears): \d+ datagrams that are not RTP$/,
      noted: new RegExp(`${NO_RTP.source}|${SOURCES.source}`),
    },
    'the version of RTP is 1': {
      broken: /^fail media\/\S+#(?:heard|calleeHears|callerHears): \d+ datagrams that are not RTP$/,
      noted: NO_RTP,
    },
  }
  it('each manner is looked at', () => expect(Object.keys(cases)).toEqual(Object.keys(hostile.clear)))
  it.each(Object.entries(cases))('%s', async (name, { broken, noted }) => {
    const outcome = await runIn(hostile.clear[name], ['media/echo', 'media/two-way'])
    saysOnly(brokenIn(outcome), broken)
    saysOnly(notedIn(outcome), noted)
  })
})

/** All texts are of that form, and there is one at least; undefined: there is none. */
function saysOnly(texts: readonly string[], form: RegExp | undefined): void {
  expect(texts.filter((text) => form?.test(text) !== true)).toEqual([])
  if (form !== undefined) expect(texts).not.toEqual([])
}

describe('telephone-events come', () => {
  const MALFORMED =
    /^warn EXAM-RTP-FORM: Telephone-events are malformed: \d+ octets of payload, from 127\.0\.0\.156:\d+$/
  const TOLD_ELSE = /^fail dtmf\/told-back#\w+: [0-9A-D*#]+$|: the module sent events /
  /** One in sixteen random events is a key: an attempt may have one that the next has not, and then it cannot be told. */
  const UNSTEADY = /^inconclusive dtmf\/told-back#once: [0-9A-D*#]+; in another attempt: [0-9A-D*#]+$/
  it.each(among(hostile.events))('%s: the voice is heard, and digits are judged by what came', async (name, manner) => {
    const outcome = await runIn(manner, ['media/echo', 'dtmf/event-form', 'dtmf/told-back'])
    const isForm = name.includes('octet')
    saysOnly(notedIn(outcome), isForm ? MALFORMED : undefined)
    const broken = brokenIn(outcome)
    // Events in the right form count as what they say: the module has told something else.
    expect(broken.filter((text) => !TOLD_ELSE.test(text) && !(name === 'at random' && UNSTEADY.test(text)))).toEqual([])
    expect(broken.length > 0).toBe(!isForm)
  })
})

describe('on an encrypted call come', () => {
  const SECURE = ['srtp/echo', 'srtp/protected-call', 'srtp/replayed']
  const UNREADABLE =
    /^fail srtp\/\S+#(?:heard|calleeHears|callerHears): \d+ packets that cannot be decrypted$|#readable: \{"received":0,"refused":\d+\}$/
  const IN_CLEAR =
    /^fail EXAM-SRTP-CLEAR: Audio comes unencrypted although encryption was agreed on: packets of audio in clear$/
  const cases: Readonly<
    Record<string, { readonly broken?: RegExp; readonly noted?: RegExp; readonly only?: string[] }>
  > = {
    'tags that are wrong': { broken: UNREADABLE },
    'tags that are wrong in every third packet': {
      broken: /^fail srtp\/echo#readable: \{"received":\d{3},"refused":\d{2,3}\}$/,
    },
    'tags that are wrong beside right ones': {},
    'another key': { broken: UNREADABLE },
    'tags that are missing': { broken: UNREADABLE },
    'each packet again, at once and later': {
      broken: /^inconclusive srtp\/replayed#dropped: packets arrived several times before they were replayed$/,
    },
    'RTP in clear': {
      broken:
        /^fail srtp\/\S+#(?:heard|calleeHears|callerHears): \d+ packets that are not encrypted$|#readable: \{"received":0,"refused":\d+\}$/,
      noted: IN_CLEAR,
    },
    'RTP in clear beside SRTP': { noted: IN_CLEAR },
    'another SSRC that is not authentic': { broken: UNREADABLE, noted: SOURCES },
  }
  it('each manner is looked at', () => expect(Object.keys(cases)).toEqual(Object.keys(hostile.encrypted)))
  it.each(Object.entries(cases))('%s', async (name, { broken, noted }) => {
    const outcome = await runIn(hostile.encrypted[name], SECURE)
    saysOnly(brokenIn(outcome), broken)
    // What the called device hears in clear is what the wire has altered there.
    saysOnly(
      notedIn(outcome).filter((text) => !text.includes('EXAM-RTP-ALTERED')),
      noted,
    )
  })

  it.each(among(hostile.encrypted))('%s, of our devices: the relay goes on', async (_, manner) => {
    const outcome = await runIn(manner, ['srtp/echo', 'srtp/protected-call'], hostile.saidIn)
    expect(outcome.scenarios.map(({ verdict }) => verdict).filter((one) => one !== 'pass' && one !== 'fail')).toEqual(
      [],
    )
  })
})

describe('a called device that sends', () => {
  /** A relay that follows where audio comes from sends there, and not to whom only strangers speak for (RFC 7362 §4, §5). */
  const UNHEARD = /^fail media\/two-way#call(?:er|ee)Hears: (?:no packets|\d packets of silence)$/

  it.each(among(hostile.clear))('%s: the relay hands it on, and it is told as what it is', async (name, manner) => {
    const heard = await runIn(manner, ['media/two-way'])
    const said = await runIn(manner, ['media/two-way'], hostile.saidIn)
    // The relay changes nothing: what comes of it is what came of a service that does the same.
    const forms = (outcome: ConformanceOutcome) =>
      brokenIn(outcome)
        .map((text) => text.replaceAll(/\d+/g, 'n'))
        .sort()
    expect(forms(said), name).toEqual(forms(heard))
  })

  it.each(among(hostile.otherwise))('%s: nothing is said but that it is not heard', async (_, manner) => {
    const outcome = await runIn(manner, ['media/two-way'], hostile.saidIn)
    expect(brokenIn(outcome).filter((text) => !UNHEARD.test(text))).toEqual([])
    expect(notedIn(outcome)).toEqual([])
  })
})

describe('a flood of 64 kB in each packet', () => {
  it('ends the scenario in time, with the reason', async () => {
    const flood: hostile.Manner =
      () =>
      ({ data, random, send }) => {
        send(data)
        for (let one = 0; one < 10; one++) send(Buffer.concat([Buffer.from([0x70]), random.bytes(65_000)]))
      }
    const { scenarios: ran } = await runIn(flood, ['media/two-way'])
    expect(ran.map(({ verdict, reasonCode }) => [verdict, reasonCode])).toEqual([['inconclusive', 'flooded']])
  })
})
