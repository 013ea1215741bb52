/** Targets that lead devices elsewhere: nothing is sent there, the report says so once, and nothing is held against anybody. */
import { describe, expect, it } from 'vitest'
import type { SipMessage } from '../../src/message/message.js'
import { runConformance } from '../../src/runner/run.js'
import { type Survey, survey } from '../../src/survey/survey.js'
import { allOf } from '../../src/survey/survey-needs.js'
import { ReachPolicy } from '../../src/target/reach-policy.js'
import type { TargetDocument } from '../../src/target/target-file.js'
import { conclude } from '../../src/verdict/conclude.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios } from './detection.js'
import { memoryOf } from './memory-of.js'
import { type Box, behind } from './middlebox.js'

const scenarios = await allScenarios()
const STRANGER = '203.0.113.7'
/** Of virtual stages: without Record-Route one device is led to the other. */
const DEVICES = '192.0.2.10'
const RELAY = '198.51.100.9'

interface Setting {
  readonly box: Box
  readonly mayReach?: readonly string[]
  /** Scenarios that are run. */
  readonly only?: RegExp
}

/** A run at a target that changes what it says, with every address that something was sent to. */
async function runAt({ box, mayReach = [], only = /^nothing$/ }: Setting) {
  const { stages, document: plain } = await virtualStages({ seed: 1, faults: [] })
  const edit = (document: TargetDocument): TargetDocument => ({
    ...document,
    endpoints: { udp: document.endpoints.udp ?? { host: document.domain, port: 5060 } },
    families: ['ipv4'],
    limits: { ...document.limits, mayReach: [...mayReach] },
  })
  const document = edit(plain)
  const sentTo = new Set<string>()
  const on: typeof stages.on = (key, story) =>
    stages.on(key, (world) => {
      memoryOf(world.network).filter = ({ from, to }) => {
        if (from.address === world.address('ipv4')) sentTo.add(to.address)
        return true
      }
      const { target } = world
      for (const range of mayReach) target.reach.learn(range)
      const servers = [target.hop({ transport: 'udp', family: 'ipv4' })?.remote.address ?? '']
      const network = behind(world.network, servers, () => box)
      return story({ ...world, network, target: { ...target, document: edit(target.document) } })
    })
  let known: Survey | undefined
  const outcome = await runConformance({
    scenarios: scenarios.filter(({ definition }) => only.test(definition.id)),
    document,
    stages: { ...stages, on },
    selection: {},
    look: async (_, watch) => {
      known = await on('survey', (world) => survey({ world, startMs: 0, needs: allOf(document), watch }))
      return known
    },
  })
  return { ...conclude({ ...outcome, unreachable: known?.unreachable }), outcome, survey: known, sentTo }
}

const isFinal = (message: SipMessage, method: string): boolean =>
  message.kind === 'response' && message.status === 200 && message.cseq.method === method

const inDescriptions = (address: string): Box => ({
  down: (message) => {
    if (message.body.length > 0 && message.headers.get('Content-Type') === 'application/sdp')
      message.body = Buffer.from(message.body.toString().replace(/c=IN IP4 \S+/, `c=IN IP4 ${address}`))
    return true
  },
})

const inContacts = (uri: string, routes: boolean): Box => ({
  down: (message) => {
    if (isFinal(message, 'INVITE')) message.headers.set('Contact', `<${uri}>`)
    if (!routes) message.headers.remove('Record-Route')
    return true
  },
})

const inRoutes: Box = {
  down: (message) => {
    if (isFinal(message, 'INVITE')) message.headers.set('Record-Route', `<sip:${STRANGER};lr>`)
    return true
  },
}

const inVia: Box = {
  down: (message) => {
    if (message.kind === 'request')
      message.headers.set('Via', (message.headers.get('Via') ?? '').replace(/;branch/, `;maddr=${STRANGER};branch`))
    return true
  },
}

const signs = (known: Survey | undefined) =>
  (known?.result.vitalSigns ?? []).flatMap(({ id, verdict, code, reason }) =>
    verdict === 'pass' ? [] : [{ id, verdict, code, reason }],
  )

describe('a target whose relay is not in its file', () => {
  it('is sent no audio: the vital sign says what to add, and what relies on audio is blocked', async () => {
    const {
      findings,
      outcome,
      survey: known,
      sentTo,
    } = await runAt({
      box: inDescriptions(RELAY),
      only: /^(?:media|registrar)\//,
    })
    expect([...sentTo].filter((address) => !address.startsWith('127.'))).toEqual([])
    const audio = signs(known).find(({ id }) => id === 'survey/audio')
    expect(audio).toMatchObject({ verdict: 'inconclusive', code: 'out-of-reach' })
    expect(audio?.reason).toBe(
      `The target’s relay ${RELAY} (SDP of the INVITE) is not in the target file: add it to published.relays or limits.mayReach. ringproof sent nothing there.`,
    )
    const cards = findings.filter(({ id }) => id === 'out-of-reach')
    expect(cards).toHaveLength(1)
    expect(cards[0]).toMatchObject({ severity: 'warn', actual: expect.stringContaining(`media to ${RELAY}:`) })
    expect(cards[0]?.blocks).toBeGreaterThan(5)
    expect(outcome.notRun.filter(({ kind }) => kind === 'blocked').map(({ blockedBy }) => blockedBy)).toContain(
      'out-of-reach',
    )
    expect(outcome.scenarios.filter((one) => one.verdict === 'fail' || one.verdict === 'error')).toEqual([])
    expect(outcome.scenarios.some((one) => one.verdict === 'pass')).toBe(true)
    // The embedded provider publishes its relays, and this is none of them.
    expect(findings.flatMap(({ id, severity }) => (severity === 'fail' ? [id] : []))).toEqual(['relay-unpublished'])
  })

  it('is sent audio where the file allows it', async () => {
    const { findings, sentTo } = await runAt({ box: inDescriptions(RELAY), mayReach: [RELAY] })
    expect([...sentTo]).toContain(RELAY)
    expect(findings.map(({ id }) => id)).not.toContain('out-of-reach')
  })
})

describe('a target that leads requests of a call to a stranger', () => {
  it.each<[string, Box, string]>([
    ['Contact', inContacts(`sip:112@${STRANGER}`, false), `${STRANGER}:5060 (Contact of the 200 to INVITE)`],
    ['Record-Route', inRoutes, `${STRANGER}:5060 (Record-Route of the 200 to INVITE)`],
    ['maddr of Via', inVia, `${STRANGER}:`],
  ])('by %s: nothing is sent there', async (_, box, actual) => {
    const { findings, outcome, survey: known, sentTo } = await runAt({ box, only: /^dialog\// })
    expect([...sentTo].filter((address) => !address.startsWith('127.') && address !== DEVICES)).toEqual([])
    expect(findings.find(({ id }) => id === 'out-of-reach')?.actual).toContain(actual)
    expect(signs(known).filter(({ verdict }) => verdict === 'fail')).toEqual([])
    expect(outcome.scenarios.filter((one) => one.verdict === 'fail' || one.verdict === 'error')).toEqual([])
  })

  it('that is an emergency number at its own address: no new INVITE goes there', async () => {
    const { findings, outcome } = await runAt({
      box: {
        down: (message) => {
          if (isFinal(message, 'INVITE')) message.headers.set('Contact', '<sip:112@127.0.0.71>')
          return true
        },
      },
      only: /^dialog\/moved-contact|^media\/hold/,
    })
    expect(findings.find(({ id }) => id === 'out-of-reach')?.actual).toContain('sip:112@127.0.0.71')
    expect(outcome.scenarios.filter((one) => one.verdict === 'fail' || one.verdict === 'error')).toEqual([])
  })
})

describe('where packets may go', () => {
  const document = {
    domain: 'sip.example.net',
    endpoints: { udp: { host: '198.51.100.1', port: 5060 } },
    published: undefined,
    dns: undefined,
    stun: { host: 'stun.example.net', ports: [3478] },
    ntp: undefined,
    accounts: [],
    services: { codes: {}, timezone: undefined },
    limits: { callsPerSecond: 1, concurrentCalls: 1, mayFuzz: false, mayDial: [], mayReach: ['203.0.113.0/24'] },
  }
  const judge = (policy: ReachPolicy, address: string, port = 5060) => policy.refuses({ address, port })

  it('is said by the file', () => {
    const policy = new ReachPolicy(document)
    expect(judge(policy, '198.51.100.1', 9)).toBeUndefined()
    expect(judge(policy, '203.0.113.200')).toBeUndefined()
    expect(judge(policy, '198.51.100.2')).toBe('elsewhere')
    expect(judge(policy, '2001:db8::1')).toBe('elsewhere')
    expect(judge(policy, '::ffff:198.51.100.1')).toBeUndefined()
    for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '172.17.0.2', '::1', 'fe80::1'])
      expect(judge(policy, address), address).toBe('private')

    for (const address of ['0.0.0.0', '::', 'relay.example.net', '']) expect(judge(policy, address)).toBe('nowhere')
  })

  it('and by DNS, from name to name', () => {
    const policy = new ReachPolicy(document)
    expect([policy.trusts('_sip._udp.SIP.example.net.'), policy.trusts('stun.example.net')]).toEqual([true, true])
    expect([policy.trusts('example.net'), policy.trusts('evil-sip.example.net')]).toEqual([false, false])
    expect(judge(policy, '198.51.100.3')).toBe('elsewhere')
    policy.learn('198.51.100.3')
    expect(judge(policy, '198.51.100.3')).toBeUndefined()
    expect(new ReachPolicy(document, policy.addresses).refuses({ address: '198.51.100.3', port: 1 })).toBeUndefined()
  })

  it('and our own sockets, port by port', () => {
    const policy = new ReachPolicy(document)
    expect(judge(policy, '192.0.2.10', 40_000)).toBe('elsewhere')
    policy.opened({ address: '192.0.2.10', port: 40_000 })
    expect([judge(policy, '192.0.2.10', 40_000), judge(policy, '192.0.2.10', 22)]).toEqual([undefined, 'nowhere'])
  })

  it('on this machine, everywhere on it', () => {
    const policy = new ReachPolicy({ ...document, endpoints: { udp: { host: '127.0.0.71', port: 5060 } } })
    expect([judge(policy, '127.9.9.9'), judge(policy, '::1'), judge(policy, '10.0.0.2')]).toEqual([
      undefined,
      undefined,
      'elsewhere',
    ])
  })
})
