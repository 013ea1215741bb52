/** Runs that begin with a survey of a target in virtual time: what its report says first, how long it takes, what is blocked. */
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/clock/random.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { ForeignHandsWatch } from '../../src/runner/foreign-hands.js'
import { runConformance } from '../../src/runner/run.js'
import type { World } from '../../src/scenario/world.js'
import { surveyLines } from '../../src/survey/lines.js'
import { lookAgain, type Survey, survey } from '../../src/survey/survey.js'
import { allOf, needsOf, type SurveyNeeds } from '../../src/survey/survey-needs.js'
import type { TargetDocument } from '../../src/target/target-file.js'
import type { Parcel } from '../../src/transport/memory-network.js'
import { conclude } from '../../src/verdict/conclude.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios } from './detection.js'
import { type Fuzz, fuzzing } from './fuzz.js'
import { memoryOf } from './memory-of.js'
import { answersItself, behind, type Box } from './middlebox.js'
import { blurred, type MakeLine, through } from './peculiar-media.js'

const scenarios = await allScenarios()

interface Setting {
  readonly faults?: readonly FaultName[]
  /** The target file says something else than the provider has. */
  readonly edit?: (document: TargetDocument) => TargetDocument
  /** Sees every datagram; false: it is lost. */
  readonly wire?: (parcel: Parcel) => boolean
  /** Stands between each UDP socket of ours and the provider. */
  readonly box?: () => Box
  /** What its audio comes through. */
  readonly line?: MakeLine
  readonly needs?: (document: TargetDocument) => SurveyNeeds
}

/** The stages of an embedded provider, whose target file and wire are as the setting says. */
async function stagesOf({ faults = [], edit = (document) => document, wire, box, line }: Setting) {
  const { stages, document } = await virtualStages({ seed: 1, faults })
  const on: typeof stages.on = (key, story) =>
    stages.on(key, (world) => {
      if (wire) memoryOf(world.network).filter = wire
      const servers = document.published?.signalling.flatMap(({ addresses }) => addresses) ?? []
      const boxed = box ? behind(world.network, servers, box) : world.network
      const network = line ? through(boxed, world.clock, line) : boxed
      return story({ ...world, network, target: { ...world.target, document: edit(world.target.document) } })
    })
  return { stages: { ...stages, on }, document: edit(document) }
}

async function surveyOf(setting: Setting): Promise<Survey> {
  const { stages, document } = await stagesOf(setting)
  const needs = setting.needs?.(document) ?? allOf(document)
  return stages.on('survey', (world) => survey({ world, startMs: 0, needs }))
}

/** A whole run, and what it comes to. */
async function runOf(setting: Setting) {
  const { stages, document } = await stagesOf(setting)
  let known: Survey | undefined
  const outcome = await runConformance({
    scenarios,
    document,
    stages,
    selection: {},
    brief: true,
    look: async (_, watch) => {
      known = await stages.on('survey', (world) => survey({ world, startMs: 0, needs: allOf(document), watch }))
      return known
    },
  })
  const conclusion = conclude({ ...outcome, unreachable: known?.unreachable })
  const blocked = outcome.notRun.filter(({ kind }) => kind === 'blocked')
  return { ...conclusion, outcome, blocked, survey: known, first: conclusion.findings[0] }
}

const missing = ({ result }: Survey) =>
  result.vitalSigns.flatMap(({ id, variant, code }) =>
    code === undefined ? [] : [`${id} ${variant.transport}/${variant.family} ${code}`],
  )

const withPasswords =
  (wrong: (index: number) => boolean) =>
  (document: TargetDocument): TargetDocument => ({
    ...document,
    accounts: document.accounts.map((account, i) => (wrong(i) ? { ...account, password: 'not this one' } : account)),
  })

/** Rejects REGISTER without Contact once the log-in was accepted; where `user` is given, all of that account instead. */
const rejectsQueries = (status: number, user?: string) => (): Box => {
  const rejected = new Set<string>()
  return {
    up: (message) => {
      if (message.kind !== 'request' || message.method !== 'REGISTER') return true
      const contacts = message.contacts()
      const isQuery = contacts !== '*' && contacts.length === 0
      const isTheirs = user === undefined ? isQuery : message.to.uri.includes(user)
      if (isTheirs) rejected.add(message.via.branch ?? '')
      return true
    },
    down: (message) => {
      if (message.kind !== 'response' || message.status !== 200 || !rejected.has(message.via.branch ?? '')) return true
      message.status = status
      message.reason = 'Not Like This'
      return true
    },
  }
}

/** Counts requests with credentials, by user. */
function logIns() {
  const count = new Map<string, number>()
  const wire = ({ data }: Parcel) => {
    const text = data.toString('latin1')
    const user = /^Authorization:.*username="([^"]+)"/im.exec(text)?.[1]
    if (text.startsWith('REGISTER') && user) count.set(user, (count.get(user) ?? 0) + 1)
    return true
  }
  return { count, wire }
}

describe('a provider without faults', () => {
  it('lacks no vital sign, and is known within seconds', async () => {
    const found = await surveyOf({})
    expect(missing(found)).toEqual([])
    expect(found.result.vitalSigns.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(found.result.durationMs).toBeLessThan(4_000)
    expect(found.accounts).toHaveLength(16)
    const checks = found.result.vitalSigns.flatMap((sign) => sign.checks)
    expect(checks.length).toBeGreaterThan(30)
    for (const { expected } of checks) expect(expected).toMatch(/within \d+(\.\d)? s/)
  })

  it('is told in facts, each with how it was learned', async () => {
    const { facts, result } = await surveyOf({})
    expect(facts).toMatchObject({
      role: 'proxy',
      registration: { asked: 600, granted: 600 },
      listsContacts: 'as sent',
      rewritesContacts: false,
      serves: { options: true, registerQuery: true, lateOffer: true },
      srtp: { udp: 'refused', tcp: 'refused', tls: 'required' },
      plainAudio: { udp: true, tcp: true },
      paths: { 'udp/ipv4': { roundTripMs: 4, jitterMs: 0, loss: 0 } },
      algorithms: ['SHA-512-256', 'SHA-256', 'MD5'],
    })
    expect(Object.values(facts.seenAs).map(({ nat }) => nat)).toEqual(Array.from({ length: 6 }, () => false))
    expect(result.facts.filter(({ how, value }) => how === '' || value === '')).toEqual([])
    // What crosses threads is plain data.
    expect(structuredClone(facts)).toEqual(facts)
    const lines = surveyLines(result)
    expect(lines.length).toBeLessThanOrEqual(12)
    expect(lines[0]).toBe('answers on UDP, TCP and TLS over IPv4 and IPv6')
  })
})

describe('what is wrong is the first card, and what rests on it is blocked', () => {
  it('a realm that changes with each challenge', async () => {
    const run = await runOf({ faults: ['realm-changes'] })
    expect([run.exitCode, run.first?.id, run.first?.title]).toEqual([
      1,
      'account-refused',
      expect.stringContaining('the realm changes with each challenge'),
    ])
    expect(run.scenarios).toEqual([])
    expect(run.survey?.result.durationMs).toBeLessThan(15_000)
    expect(run.sentence).toMatch(/^Nobody can telephone: /)
  })

  it('an echo test that is down: what uses it is not run, the rest is', async () => {
    const run = await runOf({ faults: ['echo-down'] })
    expect([run.exitCode, run.first?.id, run.first?.kind]).toEqual([1, 'service-not-reachable', 'vital-sign'])
    expect(run.first?.title).toContain('503')
    expect(run.first?.expected).toBe('the call is answered (200), or audio comes, within 10 s')
    expect(run.scenarios.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    const ids = new Set(scenarios.flatMap(({ definition: { id, needs } }) => (needs?.includes('echo') ? [id] : [])))
    expect(run.blocked.filter(({ id }) => !ids.has(id))).toEqual([])
    expect(run.blocked.every(({ blockedBy, why }) => blockedBy === run.first?.id && /blocked by/.test(why))).toBe(true)
  }, 120_000)

  it('sound that is not recognised is no missing audio: it is said so, and blocks nothing', async () => {
    const found = await surveyOf({ line: blurred })
    // The line breaks what is encrypted.
    expect(missing(found).filter((sign) => !sign.includes(' tls/'))).toEqual([])
    const open = found.result.vitalSigns.filter(({ verdict }) => verdict !== 'pass')
    expect(open.map(({ id, verdict, reasonCode }) => `${id} ${verdict} ${reasonCode}`)).toEqual(
      expect.arrayContaining([
        'survey/audio inconclusive sound-not-recognised',
        'survey/echo inconclusive sound-not-recognised',
      ]),
    )
  })

  it('an answer with a codec that was never offered: nothing is in error', async () => {
    const run = await runOf({ faults: ['unoffered-codec'] })
    expect([run.exitCode, run.first?.id]).toEqual([1, 'answer-unusable'])
    expect(run.first?.title).toContain('a codec that was never offered: G729')
    expect(run.scenarios.filter(({ verdict }) => verdict === 'error')).toEqual([])
    expect(run.scenarios.filter(({ verdict }) => verdict === 'inconclusive').length).toBeLessThan(20)
  }, 120_000)
})

describe('addresses', () => {
  it('a dead IPv6 address in DNS blocks just what uses IPv6', async () => {
    const isIpv6 = ({ to }: Parcel) => to.address.includes(':') && [5060, 5061].includes(to.port)
    const found = await surveyOf({ wire: (parcel) => !isIpv6(parcel) })
    expect(missing(found)).toEqual(['survey/reach udp/ipv6 dead-address'])
    const [sign] = found.result.vitalSigns.filter(({ code }) => code !== undefined)
    expect(sign?.reason).toMatch(/^DNS gives an address where nothing answers: .*the IPv4 address answers$/)
    expect(sign?.checks[0]).toMatchObject({ verdict: 'fail', gravity: 'outage', cause: 'dns-dead-record' })
  })

  it('of several addresses the one that answers is used, and the dead one is told', async () => {
    const found = await surveyOf({ faults: ['dns-dead-address'] })
    expect(missing(found).every((one) => /^survey\/every-address .* dead-address$/.test(one))).toBe(true)
    expect(missing(found)).not.toEqual([])
    expect(
      found.result.vitalSigns.filter(({ id }) => id === 'survey/call').every((one) => one.verdict === 'pass'),
    ).toBe(true)
  })

  it('nothing there at all: not reachable, and said in one sentence within seconds', async () => {
    const found = await surveyOf({ wire: () => false, needs: (document) => udpOnly(document) })
    expect(found.unreachable).toMatch(/^embedded is not reachable: /)
    expect(found.result.durationMs).toBeLessThan(15_000)
  })
})

/** What a selection of UDP over IPv4 would need. */
function udpOnly(document: TargetDocument): SurveyNeeds {
  return { ...allOf(document), reliance: new Map([['udp/ipv4', 'audio']]) }
}

describe('a wrong password', () => {
  it('of one account: it is named, tried once, and lent to nobody', async () => {
    const { count, wire } = logIns()
    const found = await surveyOf({ edit: withPasswords((i) => i === 1), wire })
    const [bad] = found.result.vitalSigns.filter(({ code }) => code !== undefined)
    expect([bad?.id, bad?.code, found.accounts?.length]).toEqual(['survey/account', 'wrong-password', 15])
    expect(bad?.reason).toContain(`Account ${bad?.account} cannot log in: wrong password`)
    expect(count.get(bad?.account ?? '')).toBe(1)
    expect(found.accounts).not.toContain(bad?.account)
  })

  it('of all: one try an account, none after ten refusals, and the run is over', async () => {
    const { count, wire } = logIns()
    const run = await runOf({ edit: withPasswords(() => true), wire })
    expect([...count.values()].every((tries) => tries === 1)).toBe(true)
    expect(count.size).toBeLessThanOrEqual(13)
    expect([run.exitCode, run.first?.id, run.scenarios]).toEqual([1, 'account-refused', []])
    expect(run.first?.title).toMatch(/^No account can log in: wrong password/)
    expect(run.survey?.result.durationMs).toBeLessThan(15_000)
  })
})

describe('a registrar that rejects everybody', () => {
  it.each([
    [403, 'the account, this address or this transport is not allowed'],
    [302, 'the registrar redirects to <sip:registrar-2.elsewhere.example>; ringproof goes only where'],
    [503, 'the registrar cannot serve anybody now, or what it relies on is away'],
  ])('%i', async (status, meaning) => {
    const box = () => answersItself(({ method }) => (method === 'REGISTER' ? status : undefined))
    const { result } = await surveyOf({ box, needs: (document) => udpOnly(document) })
    const told = result.vitalSigns.flatMap(({ reason }) => reason ?? [])
    expect(told.join(' ')).toContain(`REGISTER is rejected with ${status}`)
    expect(told.join(' ')).toContain(meaning)
  })
})

describe('a registrar that serves no REGISTER without Contact', () => {
  it.each([400, 404, 500])('with %i after the log-in: every account can log in', async (status) => {
    const known = await surveyOf({ box: rejectsQueries(status) })
    expect(missing(known)).toEqual([])
    expect(known.facts.serves.registerQuery).toBe(false)
  })

  it('an account that is unknown says nothing of the others, nor of queries', async () => {
    const [, second] = (await virtualStages({ seed: 1, faults: [] })).document.accounts
    const known = await surveyOf({ box: rejectsQueries(404, second?.user) })
    expect(known.result.vitalSigns.filter(({ code }) => code !== undefined)).toMatchObject([
      { id: 'survey/account', code: 'unknown-account', accounts: [second?.user] },
    ])
    expect(known.facts.serves.registerQuery).toBe(true)
  })
})

describe('somebody else on our accounts', () => {
  it('is seen by the query before anything of ours is registered, once an account', async () => {
    const { stages, document } = await stagesOf({})
    await stages.on('two', async (world) => {
      const watch = new ForeignHandsWatch()
      const [account] = document.accounts
      const contact = `<sip:${account?.user}@198.51.100.66:5066>`
      await registerElsewhere(world, contact)
      const found = await survey({ world, startMs: 0, needs: allOf(document), watch })
      await lookAgain([account?.user ?? ''], found, { world, startMs: 0, watch })
      expect(watch.seen).toEqual([
        { account: account?.user, how: 'registered', atMs: expect.any(Number), contact: contact.slice(1, -1) },
      ])
    })
  })

  it('is seen by both of two runs that go on at once', async () => {
    const { stages, document } = await stagesOf({})
    await stages.on('two runs', async (world) => {
      const run = async (name: string, afterMs: number) => {
        const own = { ...world, random: world.random.fork(name) }
        const watch = new ForeignHandsWatch()
        await world.clock.sleep(afterMs)
        const found = await survey({ world: own, startMs: 0, needs: allOf(document), watch })
        return { hands: watch.seen.length, missing: missing(found) }
      }
      const seen = await Promise.all([run('first', 0), run('second', 400)])
      expect(seen.map(({ hands }) => hands > 0)).toEqual([true, true])
      // Calls that the other run took are held against nobody.
      expect(seen.map((one) => one.missing)).toEqual([[], []])
    })
  })

  it('that calls a device of ours disturbs the story there, and no other', async () => {
    const { stages, document } = await stagesOf({})
    await stages.on('a call', async (world) => {
      const { Device } = await import('../../src/scenario/device.js')
      const { ScenarioRecord } = await import('../../src/evidence/record.js')
      const [mine, other, theirs] = document.accounts
      if (!mine || !other || !theirs) throw new Error('too few accounts')
      const variant = { transport: 'udp', family: 'ipv4' } as const
      const watch = new ForeignHandsWatch()
      const records = [new ScenarioRecord(), new ScenarioRecord()]
      const about = { definition: { devices: {} }, target: world.target, startMs: 0 }
      const [called, caller, stranger] = [mine, other, theirs].map(
        (account, i) =>
          new Device(`d${i}`, account, { audio: false }, variant, world, records[i] ?? new ScenarioRecord()),
      )
      if (!called || !caller || !stranger) throw new Error('too few devices')
      for (const [i, record] of records.entries())
        watch.over(record, { ...about, lease: new Map([[`d${i}`, i === 0 ? mine : other]]) })
      for (const device of [called, caller, stranger]) {
        await device.start()
        device.rejects(486)
        await device.registers()
      }
      await (await caller.tries(called)).call.ended
      expect(records.map((record) => watch.wasDisturbed(record))).toEqual([false, false])
      await (await stranger.tries(called)).call.ended
      expect(records.map((record) => watch.wasDisturbed(record))).toEqual([true, false])
      expect(watch.seen).toMatchObject([{ account: mine.user, how: 'called' }])
    })
  })

  it('that takes a binding away is believed where somebody was seen, and else the registrar may have forgotten it', async () => {
    const { stages, document } = await stagesOf({})
    await stages.on('a binding', async (world) => {
      const { Device } = await import('../../src/scenario/device.js')
      const { ScenarioRecord } = await import('../../src/evidence/record.js')
      const [first, mine] = document.accounts
      if (!first || !mine) throw new Error('too few accounts')
      const variant = { transport: 'udp', family: 'ipv4' } as const
      const watch = new ForeignHandsWatch()
      const device = async (name: string, account: typeof mine, watched: boolean) => {
        const record = new ScenarioRecord()
        const one = new Device(name, account, { audio: false }, variant, world, record)
        const lease = new Map([[name, account]])
        if (watched) watch.over(record, { definition: { devices: {} }, target: world.target, startMs: 0, lease })
        await one.start()
        return one
      }
      const phone = await device('phone', mine, true)
      await phone.registers()
      await phone.asksRegistrar()
      const stranger = await device('stranger', mine, false)
      expect((await stranger.asksToRegister({ contacts: ['*'], expires: 0 })).status).toBe(200)
      await phone.asksRegistrar()
      expect(watch.handOn(mine.user)).toBeUndefined()
      await registerElsewhere(world, `<sip:${first.user}@198.51.100.66:5066>`)
      await (await device('other', first, true)).asksRegistrar()
      expect(watch.handOn(mine.user)).toMatchObject({ account: mine.user, how: 'displaced' })
      expect(watch.seen.map(({ account }) => account)).toEqual([first.user])
    })
  })

  it('is not seen where only this run was there', async () => {
    const { stages, document } = await stagesOf({})
    await stages.on('one', async (world) => {
      const watch = new ForeignHandsWatch()
      await survey({ world, startMs: 0, needs: allOf(document), watch })
      expect(watch.seen).toEqual([])
    })
  })
})

/** Registers a contact of the first account with a telephone that this run knows nothing of. */
async function registerElsewhere(world: World, contact: string): Promise<void> {
  const { Device } = await import('../../src/scenario/device.js')
  const { ScenarioRecord } = await import('../../src/evidence/record.js')
  const [account] = world.target.document.accounts
  if (account === undefined) throw new Error('no account')
  const variant = { transport: 'udp', family: 'ipv4' } as const
  const phone = new Device('desk phone', account, { audio: false }, variant, world, new ScenarioRecord())
  await phone.start()
  expect((await phone.asksRegistrar({ contacts: [contact], expires: 600 })).status).toBe(200)
}

describe('whatever a target sends', () => {
  it.each<[string, Fuzz]>([
    ['few headers', { sip: 0.1 }],
    ['many headers', { sip: 0.5 }],
    ['every session description', { sdp: 1 }],
    ['packets', { packets: 0.2 }],
  ])(
    'the survey comes to its end and is not in error: %s altered',
    async (what, fuzz) => {
      for (const seed of [1, 2, 3, 4]) {
        const { stages, document } = await virtualStages({ seed, faults: [] })
        const found = await stages.on(what, (world) => {
          const network = fuzzing(world.network, new SeededRandom(`${seed} ${what}`), fuzz)
          return survey({
            world: { ...world, network },
            startMs: 0,
            needs: allOf(document),
            watch: new ForeignHandsWatch(),
          })
        })
        expect(
          found.result.vitalSigns.flatMap(({ id, verdict, reason }) => (verdict === 'error' ? [id, reason] : [])),
        ).toEqual([])
        expect(found.result.vitalSigns.length).toBeGreaterThan(0)
      }
    },
    60_000,
  )
})

describe('a selection', () => {
  const only = (id: string) => scenarios.filter(({ definition }) => definition.id === id)

  it('has the vital signs tried that it needs, and no more', async () => {
    const found = await surveyOf({
      needs: () =>
        needsOf(only('media/echo').map((one) => ({ ...one, variant: { transport: 'tcp', family: 'ipv4' } }))),
    })
    const ids = found.result.vitalSigns.map(({ id, variant }) => `${id} ${variant.transport}/${variant.family}`)
    expect(ids.every((id) => id.endsWith('tcp/ipv4'))).toBe(true)
    expect(ids).toContain('survey/echo tcp/ipv4')
    expect(ids.filter((id) => /dtmf|mailbox|codes/.test(id))).toEqual([])
  })
})
