import { describe, expect, it } from 'vitest'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import type { FaultName, ProviderPolicy } from '../../src/provider/embedded-provider.js'
import { runConformance } from '../../src/runner/run.js'
import type { Target } from '../../src/scenario/target.js'
import type { TargetDocument } from '../../src/target/target-file.js'
import type { World } from '../../src/scenario/world.js'
import { survey } from '../../src/survey/survey.js'
import { allOf } from '../../src/survey/survey-needs.js'
import { memoryOf } from './memory-of.js'
import type { Network } from '../../src/transport/network.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { isInShare } from './share.js'
import * as line from './peculiar-media.js'

const scenarios = inFirstVariant(await allScenarios())
/** Of the scenarios that a line may disturb, `npm test` tries each third, others on each line. */
const SHARE = 3

/** Verdicts of scenarios, and the checks that did not hold, where RTP comes to the devices through such a line. */
const verdicts = (makeLine: line.MakeLine, only: Only) =>
  verdictsOn((world) => line.through(world.network, world.clock, makeLine), only)

/** Which scenarios, by their ids. */
interface Only {
  test(id: string): boolean
}

/** A share of those that match. */
const some = (only: RegExp, salt: string): Only => ({
  test: (id) => only.test(id) && isInShare(SHARE, `${id} ${salt}`),
})

async function verdictsOn(
  network: (world: World) => Network,
  only: Only,
  o: {
    readonly faults?: readonly FaultName[]
    readonly transport?: 'udp'
    /** With `transport`; default: ipv4. */
    readonly family?: 'ipv6'
    readonly policy?: Partial<ProviderPolicy>
    /** What the target file says of the DTMF test. */
    readonly says?: TargetDocument['services']['dtmf']
  } = {},
): Promise<Map<string, string>> {
  const { stages, document } = await virtualStages({ seed: 3, faults: o.faults ?? [], policy: o.policy ?? {} })
  const peculiar: typeof stages = {
    ...stages,
    on: (key, story) =>
      stages.on(key, (world) => story({ ...world, network: network(world), target: told(world.target, o.says) })),
  }
  const chosen = scenarios
    .filter(({ definition: { id } }) => only.test(id))
    .map(({ definition, file }) => ({
      file,
      definition: o.transport
        ? { ...definition, variants: [{ transport: o.transport, family: o.family ?? ('ipv4' as const) }] }
        : definition,
    }))
  const outcome = await runConformance({
    scenarios: chosen,
    document,
    stages: peculiar,
    selection: { slow: true },
    brief: true,
  })
  const verdicts = outcome.scenarios.map(({ id, verdict, checks }): [string, string] => {
    const broken = checks.filter((check) => !['pass', 'inconclusive'].includes(check.verdict))
    return [id, [verdict, ...broken.map((check) => `${check.id}: ${check.actual}`)].join(', ')]
  })
  const noted = outcome.notes.flatMap(({ note }) => (note.severity === 'info' ? [] : note))
  return new Map([...verdicts, ...noted.map(({ id, actual }): [string, string] => [id, actual])])
}

/** What its operator says of the DTMF test. */
function told(target: Target, dtmf: TargetDocument['services']['dtmf']): Target {
  if (dtmf === undefined) return target
  const { document } = target
  return { ...target, document: { ...document, services: { ...document.services, dtmf } } }
}

const differing = (found: Map<string, string>, expected: Readonly<Record<string, RegExp>> = {}) =>
  [...found].filter(([id, told]) => !(expected[id] ?? /^pass$/).test(told)).map(([id, told]) => `${id}: ${told}`)

const AUDIO = /^media\/(?!hijacker|stranger|reports)/
/** Worth knowing, and no more. */
const ALTERED = { 'EXAM-RTP-ALTERED': /^other octets/ }
const HEARING =
  /^(?:media\/(?:echo|two-way|every-relay|early)|nat\/(?:audio|shared-address)|ipv6\/(?:echo|between-families))$/
const ECHO = /^media\/(?:echo|hold|symmetric)$/

/** That packets are as long as was asked for is a recommendation. */
const OWN_PACKET_TIME = { 'media/packet-times-of-services': /^(?:warn|inconclusive)/ }

describe('a correct provider is not blamed for', () => {
  it.each<[string, line.MakeLine, RegExp, Record<string, RegExp>?]>([
    ['audio that takes 280 ms', line.delayed(280), /^(?:media|srtp|dtmf)\/(?!hijacker|stranger)/],
    ['packets of 30 ms', line.repacketised(30), AUDIO],
    ['packets of 10 ms', line.repacketised(10), AUDIO, OWN_PACKET_TIME],
    ['packets of 60 ms', line.repacketised(60), AUDIO, OWN_PACKET_TIME],
    ['another law', line.inTheOtherLaw, /^media\/(?:echo|two-way|every-relay|early|symmetric)$/],
    ['audio 6 dB fainter', line.gain(-6), /^media\/(?:echo|two-way|every-relay|early|hold)$/, ALTERED],
    ['audio 6 dB louder', line.gain(6), /^media\/(?:echo|two-way|every-relay|early|hold)$/, ALTERED],
    ['a source that changes', line.sourceChanges, AUDIO],
    ['timestamps that jump once', line.timestampsJump, AUDIO],
    ['an announcement before the echo', line.announcingFirst(6_000), ECHO],
    ['packets that the network doubles', line.doubling(20), /^(?:media|srtp|dtmf)\/(?!hijacker|stranger|reports)/],
    ['packets that the network puts out of order', line.reordering(20), /^(?:media|srtp|dtmf)\/(?!hijacker|stranger)/],
    [
      'comfort noise, and packets that keep a path open',
      line.inserting(40, 13, Buffer.from([60])),
      /^media\/(?:echo|two-way|every-relay|early|symmetric|hold|silent-after-bye|payload-types)$/,
    ],
    ['ends of events that are told late', line.endsDeferred, /^dtmf\//],
    ['a service that takes three seconds to speak', line.hesitating(3_000), /^services\/(?:credit|mailbox)/],
  ])('%s', async (what, makeLine, only, expected = {}) => {
    expect(differing(await verdicts(makeLine, some(only, what)), expected)).toEqual([])
  })

  it('a report under another key, left over from a call before, and reports that come twice', async () => {
    let reports = 0
    const tell = (data: Buffer, hand: (data: Buffer) => void) => {
      hand(data)
      hand(data)
      if (++reports !== 2) return
      const leftOver = Buffer.from(data)
      leftOver[leftOver.length - 1]! ^= 1
      hand(leftOver)
    }
    const found = await verdictsOn(({ network }) => line.reporting(network, tell), /^srtp\/reports$/)
    expect(reports).toBeGreaterThanOrEqual(2)
    expect([...found]).toEqual([['srtp/reports', 'pass']])
  })

  it('sound that is not recognised: what cannot be told is not told', async () => {
    const found = await verdicts(line.blurred, HEARING)
    const open = /^inconclusive$/
    expect(found.size).toBe(8)
    expect(differing(found, { ...Object.fromEntries([...found.keys()].map((id) => [id, open])), ...ALTERED })).toEqual(
      [],
    )
  })

  it('calls that go over no relay: there is none to be judged', async () => {
    const found = await verdictsOn(
      ({ network }) => line.describing(network, (_, sent) => sent),
      /^media\/(?:two-way|every-relay|relay-addresses|early|silent-after-bye|hijacker|stranger)$/,
    )
    const none = /^not applicable$/
    expect([...found.keys()]).toHaveLength(7)
    expect(
      differing(found, {
        'media/every-relay': none,
        'media/relay-addresses': none,
        'media/silent-after-bye': none,
        'media/hijacker': none,
        'media/stranger': none,
      }),
    ).toEqual([])
  })

  it.each<[string, (sdp: string) => string, Record<string, RegExp>?]>([
    ['no maps of static types, no packet time', (sdp) => sdp.replace(/^a=(?:rtpmap:[08] |ptime).*\r\n/gm, '')],
    [
      'lines that nobody asked for, and codecs that are not spoken here',
      (sdp) =>
        sdp
          .replace('\r\nt=', '\r\nb=AS:84\r\nt=')
          .replace(/(m=audio .*)\r\n/, '$1 18 13\r\nb=TIAS:64000\r\na=X-nat:0\r\na=mid:audio\r\n')
          .replace(/(a=rtpmap)/, 'a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n$1'),
    ],
    ['packets of 30 ms that it asks for', (sdp) => sdp.replace('a=ptime:20', 'a=ptime:30')],
    ['packets of 60 ms that it asks for', (sdp) => sdp.replace('a=ptime:20', 'a=ptime:60')],
    [
      'ICE as an end that is reachable speaks it (RFC 8445 §2.5)',
      (sdp) =>
        sdp.includes('a=ice-')
          ? sdp
          : sdp
              .replace(/\r\n(t=.*\r\n)/, '\r\n$1a=ice-lite\r\n')
              .replace(
                /(m=audio (\d+) .*\r\n)/,
                '$1a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\na=candidate:1 1 UDP 2130706431 127.0.0.156 $2 typ host\r\n',
              ),
      // In an answer to an offer without ICE nobody may speak it (RFC 8839 §4.3.2).
      { 'media/ice': /^fail, notUnasked: [^,]*$/, 'media/ice-between': /^fail, notUnasked: [^,]*$/ },
    ],
    [
      'a direction that stands at the session',
      (sdp) => sdp.replace(/^([^]*)(t=.*\r\n)([^]*)(a=(?:sendrecv|sendonly|recvonly|inactive)\r\n)/, '$1$2$4$3'),
    ],
    ['an address that stands at the media', line.addressAtMedia],
  ])('descriptions with %s', async (what, edit, expected = {}) => {
    const found = await verdictsOn(({ network }) => line.describing(network, edit), some(/^(?:media|dtmf)\//, what))
    expect(differing(found, expected)).toEqual([])
  })

  it('a new key that it does not want in the middle of a call', async () => {
    let refused = 0
    const found = await verdictsOn(
      ({ network }) => {
        // A re-INVITE whose protocol nobody knows is refused by 488.
        memoryOf(network).filter = ({ data }) => {
          const text = data.toString('latin1')
          const reinvite = /^INVITE [^]*^To:.*;tag=/im.test(text)
          if (reinvite && text.includes('RTP/SAVP')) refused += data.write('RTP/SAVX', text.indexOf('RTP/SAVP'))
          return true
        }
        return network
      },
      /^srtp\/rekey$/,
      { faults: ['keys-in-clear'], transport: 'udp' },
    )
    expect(refused).toBeGreaterThan(0)
    expect(found.get('srtp/rekey')).toBe('warn, taken: rejected with 488')
  })

  it('event packets that are lost: what cannot be told is not told', async () => {
    const found = await verdicts(
      line.losingEvents((index) => index === 0 || index === 12),
      /^dtmf\//,
    )
    expect(differing(found, { 'dtmf/event-form': /^inconclusive$/ })).toEqual([])
  })

  it('the last packet of the last event is lost, and nothing comes after it', async () => {
    expect(differing(await verdicts(line.losingLastEnd, /^dtmf\/event-form$/))).toEqual([])
  })

  const ECHOES =
    /^(?:media\/(?:echo|hold|symmetric|directions|version)|srtp\/(?:echo|tampered|rollover|rekey)|ipv6\/echo)$/
  it('an echo that comes a second late', async () => {
    const found = await verdictsOn(({ network }) => network, ECHOES, { policy: { echoDelayMs: 1_000 } })
    // That it is late is worth knowing, and no more.
    expect(differing(found, { 'media/echo': /^warn, soon: \d+ ms$/ })).toEqual([])
  })

  it('an echo that sends packets back as they came', async () => {
    expect(differing(await verdictsOn(({ network }) => network, ECHOES, { policy: { echoReflects: true } }))).toEqual(
      [],
    )
  })

  it('ICE as full agents have it: as a whole, with paths for RTCP where that has a port of its own', async () => {
    const found = await verdictsOn(({ network }) => network, /^media\/ice/, { policy: { iceAsAWhole: true } })
    expect([found.size, ...differing(found)]).toEqual([3])
  })

  it('versions of session descriptions that are times, not counters', async () => {
    const edit = (sdp: string) =>
      sdp.replace(/^(o=\S+ \S+ )(\d+)/m, (_, start: string, version: string) => `${start}${Number(version) * 3847}`)
    expect(differing(await verdictsOn(({ network }) => line.describing(network, edit), /^media\/version$/))).toEqual([])
  })

  it('packets of its own in a call, after others were replayed', async () => {
    const makeLine = line.inserting(1, 13, Buffer.from([60]))
    expect(differing(await verdicts(makeLine, /^srtp\/replayed$/))).toEqual([])
  })

  const DTMF_TESTS = /^dtmf\/(?:told-back|same-digit-twice|lost-packets|long-press|event-form|payload-type)$/
  it('a module that tells digits back as keypad tones in its audio', async () => {
    const found = await verdictsOn(({ network }) => network, DTMF_TESTS, { policy: { tellsDigitsBy: 'tones' } })
    // Without telephone-events, their form and payload type are not seen.
    const undecided = /^inconclusive$/
    const without = { 'dtmf/event-form': undecided, 'dtmf/lost-packets': undecided, 'dtmf/payload-type': undecided }
    expect(differing(found, without)).toEqual([])
  })

  const SPOKEN_TESTS = /^dtmf\/(?:told-back|same-digit-twice|long-press|info|in-band)$/
  it.each(['en', 'de'] as const)('a module that speaks, %s', async (language) => {
    const policy = { tellsDigitsBy: 'speech', language } as const
    const found = await verdictsOn(({ network }) => network, SPOKEN_TESTS, { policy })
    expect(differing(found)).toEqual([])
    expect(found.size).toBe(5)
  })

  it('a module that speaks, whose telephone-events nobody sees', async () => {
    const seen = /^dtmf\/(?:event-form|lost-packets|payload-type)$/
    const found = await verdictsOn(({ network }) => network, seen, { policy: { tellsDigitsBy: 'speech' } })
    expect(new Set(found.values())).toEqual(new Set(['inconclusive']))
  })

  it('a module that speaks another number of digits, where the target file does not say that they are digits', async () => {
    const found = await verdictsOn(({ network }) => network, /^dtmf\/told-back$/, {
      faults: ['dtmf-end-is-a-digit'],
      policy: { tellsDigitsBy: 'speech' },
      says: { keys: ['telephone-event'] },
    })
    expect([...found.values()]).toEqual(['inconclusive'])
  })

  it.each<[string, line.MakeLine]>([
    ['a line of 20 dB less', line.gain(-20)],
    ['the other law on the way', line.inTheOtherLaw],
    ['one packet of twenty lost', line.each((_, index) => (index % 20 === 7 ? undefined : {}))],
  ])('announcements in German, %s', async (_, change) => {
    const speaks = /^services\/(?:mailbox|mailbox-external|mailbox-menu|credit|wake-up-query|wake-up-codes)$/
    const network = (world: World) => line.through(world.network, world.clock, change)
    expect(differing(await verdictsOn(network, speaks, { policy: { language: 'de' } }))).toEqual([])
  })

  it('a module that does not listen during its greeting', async () => {
    expect(
      differing(await verdictsOn(({ network }) => network, /^dtmf\//, { policy: { listensWhileGreeting: false } })),
    ).toEqual([])
  })

  it('digits that are told back by voice', async () => {
    const unclear = /^inconclusive$/
    const found = await verdicts(line.toldByVoice, /^dtmf\/(?!between|in-band)/)
    expect(differing(found, Object.fromEntries([...found.keys()].map((id) => [id, unclear])))).toEqual([])
  })
})

describe('a broken provider is found out by', () => {
  it.each<[FaultName, string, RegExp]>([
    ['dtmf-end-is-a-digit', 'dtmf/told-back', /^fail, once: 36 spoken digits$/],
    ['dtmf-end-is-a-digit', 'dtmf/long-press', /^fail, one: 3 spoken digits$/],
    ['dtmf-repeat-swallowed', 'dtmf/same-digit-twice', /^fail, two: 3 spoken digits$/],
    ['menu-deaf-to-events', 'dtmf/told-back', /^fail, toldBack: nothing$/],
    ['in-band-keys-doubled', 'dtmf/in-band', /^fail, once: 2\d spoken digits$/],
  ])('digits that a module speaks: %s by %s', async (fault, id, verdict) => {
    const found = await verdictsOn(({ network }) => network, new RegExp(`^${id}$`), {
      faults: [fault],
      policy: { tellsDigitsBy: 'speech' },
    })
    expect([...found.values()]).toEqual([expect.stringMatching(verdict)])
  })

  const AUDIBLE = /^media\/(?:echo|two-way|every-relay|early)$/
  it.each<[string, line.MakeLine, RegExp]>([
    ['silence', line.silent, AUDIBLE],
    ['a ringing tone instead of the audio', line.ringing, AUDIBLE],
    ["another call's audio", line.anotherCall, AUDIBLE],
    ['no packet at all', line.nothing, AUDIBLE],
    ['audio that breaks off after two and a half seconds', line.breakingOff(2_500), /^media\/(?:echo|two-way)$/],
    ['audio that breaks off after four and a half seconds', line.breakingOff(4_500), /^media\/(?:echo|two-way)$/],
  ])('%s', async (_, makeLine, only) => {
    const found = await verdicts(makeLine, only)
    const missed = [...found].filter(([id, told]) => !id.startsWith('EXAM') && !told.startsWith('fail'))
    expect(missed).toEqual([])
  })

  it('an echo after a whole turn of the melody, and more', async () => {
    for (const ms of [500, 900, 1300]) {
      const found = await verdicts(line.delayed(ms), /^media\/echo$/)
      expect(found.get('media/echo')).toMatch(/^warn, soon/)
    }
  })

  it('silence: nothing passes that had nothing to judge', async () => {
    const found = await verdicts(line.nothing, /^(?:media|srtp|dtmf)\//)
    const signalling =
      /directions|policy|rtcp-mux|media-lines|no-common-codec|version|crypto-tag|dtls|mikey|invalid-key|keys-in-clear|keys-stay-on-tls|no-key|own-keys|unknown-suite|progress-without-description|session-parameters/
    const passed = [...found].filter(([id, told]) => told === 'pass' && !signalling.test(id))
    expect(passed).toEqual([])
  })
})

describe('a relay that has no address of one IP family', () => {
  /** Each nth description that comes gives an IPv4 address. */
  const mixing = (nth: number) => {
    let count = 0
    return (sdp: string) => (++count % nth === 0 ? sdp.replace(/^c=IN IP6 .*$/m, 'c=IN IP4 192.0.2.99') : sdp)
  }
  const verdictOn = async (family: 'ipv6' | undefined, nth: number) => {
    const edit = mixing(nth)
    const found = await verdictsOn(({ network }) => line.describing(network, edit), /^media\/every-relay$/, {
      transport: 'udp',
      ...(family ? { family } : {}),
    })
    return found.get('media/every-relay')
  }

  it.each([
    ['offers', 5, 'called device'],
    ['answers', 6, 'caller'],
  ])('is found by calls in a row between devices of that family, in %s', async (_, nth, who) => {
    const one = `call \\d+: 192\\.0\\.2\\.99 at the ${who}`
    expect(await verdictOn('ipv6', nth)).toMatch(new RegExp(`^fail, ownFamily: ${one}; ${one}`))
    expect(await verdictOn(undefined, nth)).toBe('pass')
  })

  it('is named by the survey where its first call meets it', async () => {
    const edit = (sdp: string) => sdp.replace(/^c=IN IP6 .*$/m, 'c=IN IP4 192.0.2.99')
    const { stages, document } = await virtualStages({ seed: 3, faults: [] })
    const { result } = await stages.on('survey', (world) =>
      survey({
        world: { ...world, network: line.describing(world.network, edit) },
        startMs: 0,
        needs: allOf(document),
      }),
    )
    const signs = result.vitalSigns.filter(({ id, variant }) => id === 'survey/call' && variant.transport === 'udp')
    expect(
      signs.map(({ variant, verdict, code, checks }) => [variant.family, verdict, code, checks[0]?.cause]),
    ).toEqual([
      ['ipv4', 'pass', undefined, undefined],
      ['ipv6', 'fail', 'other-family', 'address-family-wrong'],
    ])
  })
})
