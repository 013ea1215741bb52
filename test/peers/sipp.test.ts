import { readFileSync } from 'node:fs'
import { describe, it, type TestContext } from 'vitest'
import type { UserAgentOptions } from '../../src/agent/options.js'
import { UserAgent } from '../../src/agent/user-agent.js'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { MediaSession } from '../../src/media/media-session.js'
import { importSipp } from '../../src/import-sipp/import-sipp.js'
import { defaultAddresses, EmbeddedProvider, type FaultName } from '../../src/provider/embedded-provider.js'
import { timerTable } from '../../src/transaction/timers.js'
import type { TransportName } from '../../src/transport/flow.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import type { Endpoint } from '../../src/transport/network.js'
import { loaded } from '../unit/import-sipp/imported.js'
import { runVirtually } from '../virtual/detection.js'
import { hasSipp, installSipp, sipp, listens } from './sipp.js'

if (!hasSipp && process.env['CI']) throw new Error(`SIPp is missing: ${installSipp}`)
if (!hasSipp) console.log(`SIPp is missing, its tests are skipped: ${installSipp}`)

const clock = new WallClock()
const random = new SystemRandom()
const network = new KernelNetwork(clock)
let pattern = 0
/** A telephone of ours without a registrar, that calls SIPp at `peer`; it stops when the test ends. */
async function phone(
  test: TestContext,
  transport: TransportName,
  localAddress: string,
  peer: Endpoint,
  o: Partial<UserAgentOptions> = {},
) {
  const agent = new UserAgent({
    name: 'phone',
    clock,
    network,
    random,
    account: { user: 'phone', password: 'none', domain: 'example.net' },
    outbound: { transport, remote: peer },
    localAddress,
    timers: timerTable(),
    parseMode: 'strict',
    media: () =>
      MediaSession.open({ clock, network, random, localAddress, codecs: ['PCMA', 'PCMU'], patternId: ++pattern }),
    ...o,
  })
  await agent.start()
  test.onTestFinished(() => agent.stop())
  return agent
}

/** A free port that SIPp can have a moment later. */
/** Below the ports that the kernel gives to others; several SIPps run at once, and each takes the second port beside its media for video. */
let nextBlock = 24_000
const BLOCK = 8

/** A port for SIPp's signalling, and an even one for its media with the next three free as well. */
async function freePorts(address: string): Promise<{ readonly own: number; readonly media: number }> {
  const media = nextBlock
  nextBlock += BLOCK
  const bound = await Promise.allSettled(
    Array.from({ length: BLOCK }, (_, offset) => network.bindUdp({ address, port: media + offset })),
  )
  for (const one of bound) if (one.status === 'fulfilled') one.value.close()
  return bound.every(({ status }) => status === 'fulfilled') ? { own: media + 4, media } : freePorts(address)
}

const ways = [
  { transport: 'udp', address: '127.0.0.1', mode: 'u1' },
  { transport: 'udp', address: '::1', mode: 'u1' },
  { transport: 'tcp', address: '127.0.0.1', mode: 't1' },
  { transport: 'tcp', address: '::1', mode: 't1' },
] as const
const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address)

describe.skipIf(!hasSipp).concurrent.each(ways)('SIPp over $transport on $address', ({ transport, address, mode }) => {
  it('calls our telephone, and is heard', async (test) => {
    const { expect } = test
    const agent = await phone(test, transport, address, { address, port: 9 })
    const ends: string[] = []
    const heard: boolean[] = []
    agent.onCall = (call) => {
      void call.ring().then(() => call.answer())
      void call.ended.then((end) => {
        ends.push(`${end.by} ${end.cause}`)
        heard.push(call.media!.report().heard.some(({ patternId }) => patternId === call.media!.patternId))
      })
    }
    const { port } = agent.stack.advertised(transport)
    const { own, media } = await freePorts(address)
    const args = [
      '-t',
      mode,
      '-i',
      address,
      '-p',
      String(own),
      '-mi',
      address,
      '-mp',
      String(media),
      '-rtp_echo',
      '-m',
      '3',
      '-l',
      '1',
      '-r',
      '10',
      '-s',
      'phone',
    ]
    const result = await sipp('caller', [...args, `${bracketed(address)}:${port}`]).ended
    expect(result).toEqual({ code: 0, errors: '' })
    expect(ends).toEqual(['remote bye', 'remote bye', 'remote bye'])
    expect(heard).toEqual([true, true, true])
  })

  it('answers our telephone, and sends its audio back', async (test) => {
    const { expect } = test
    const { own, media } = await freePorts(address)
    const callee = sipp('callee', [
      '-t',
      mode,
      '-i',
      address,
      '-p',
      String(own),
      '-mi',
      address,
      '-mp',
      String(media),
      '-rtp_echo',
      '-m',
      '1',
    ])
    await listens(own, transport)
    const agent = await phone(test, transport, address, { address, port: own })
    const call = agent.invite(`sip:sipp@${bracketed(address)}:${own}${transport === 'tcp' ? ';transport=tcp' : ''}`)
    expect((await call.answered)?.status).toBe(200)
    await clock.sleep(2_000)
    const report = call.media!.report()
    expect(report.heard.map(({ patternId }) => patternId)).toEqual([call.media!.patternId])
    expect(report.received.lost).toBe(0)
    expect((await call.hangUp())?.final?.status).toBe(200)
    expect((await callee.ended).errors).toBe('')
  })
})

describe.skipIf(!hasSipp).concurrent('SIPp that loses messages', () => {
  it.for(['caller', 'callee'] as const)('as %s: every call still comes about and ends', async (role, test) => {
    const { expect } = test
    const address = '127.0.0.1'
    const { own, media } = await freePorts(address)
    const common = [
      '-t',
      'u1',
      '-i',
      address,
      '-p',
      String(own),
      '-mp',
      String(media),
      '-lost',
      '15',
      '-m',
      '20',
      '-r',
      '5',
      '-s',
      'phone',
    ]
    const agent = await phone(test, 'udp', address, { address, port: own })
    if (role === 'caller') {
      const ends: string[] = []
      agent.onCall = (call) => {
        void call.ring().then(() => call.answer({ sdp: sdp(address) }))
        void call.ended.then((end) => ends.push(end.cause))
      }
      const result = await sipp('caller', [
        ...common,
        '-max_retrans',
        '12',
        `${address}:${agent.stack.advertised('udp').port}`,
      ]).ended
      expect(result.code).toBe(0)
      expect(ends).toEqual(Array.from({ length: 20 }, () => 'bye'))
    } else {
      const callee = sipp('callee', common)
      await listens(own, 'udp')
      const calls = Array.from({ length: 20 }, () => agent.invite(`sip:sipp@${address}:${own}`, { sdp: sdp(address) }))
      const answers = await Promise.all(calls.map((call) => call.answered))
      expect(answers.map((answer) => answer?.status)).toEqual(calls.map(() => 200))
      await clock.sleep(500)
      const goodbyes = await Promise.all(calls.map((call) => call.hangUp()))
      // SIPp does not repeat its answer to a repeated BYE while its call waits, so that some are never answered.
      expect(goodbyes.filter((goodbye) => goodbye?.final?.status === 200).length).toBeGreaterThan(10)
      callee.stop()
      await callee.ended
    }
  })
})

describe.skipIf(!hasSipp)('SIPp at the embedded provider', () => {
  it.for([
    ['udp', 'u1', []],
    ['tcp', 't1', []],
    ['udp', 'u1', ['contacts-not-listed']],
  ] as const)(
    'registers over %s (%s, %j): the imported file comes to the same verdict',
    async ([, mode, faults], { expect }) => {
      const ended = await registers(mode, faults)
      const isClean = faults.length === 0
      expect(ended.code).toBe(isClean ? 0 : 1)
      if (isClean) expect(ended).toEqual({ code: 0, errors: '', bindings: 1 })
      const xml = readFileSync(new URL('sipp/register.xml', import.meta.url), 'utf8')
      const { text } = importSipp(xml, { file: 'register.xml' })
      const { scenarios } = await runVirtually(await loaded({ 'register.ts': text }), [FIRST_IS_MD5, ...faults])
      expect(scenarios.map(({ verdict }) => verdict)).toEqual([isClean ? 'pass' : 'fail'])
    },
  )
})

/** SIPp 3.6 looks at the first challenge only, and knows nothing but MD5: the defect brings one of that to the top. */
const FIRST_IS_MD5 = 'challenges-in-wrong-order'

/** SIPp registers at the embedded provider. */
async function registers(mode: string, faults: readonly FaultName[]) {
  const addresses = defaultAddresses({ prefix: '127.0.9', ipv6Slot: 9 })
  const provider = await EmbeddedProvider.start({
    network,
    clock,
    random,
    addresses,
    accounts: 10,
    families: ['ipv4'],
    faults: [FIRST_IS_MD5, ...faults],
  })
  try {
    const [account] = provider.accounts
    const own = String((await freePorts('127.0.0.1')).own)
    const who = ['-s', account!.user, '-au', account!.user, '-ap', account!.password]
    // Its own idea of the digest uri is the server's address.
    const whom = ['-key', 'domain', provider.target.domain, '-auth_uri', provider.target.domain]
    const where = ['-t', mode, '-i', '127.0.0.1', '-p', own, `${addresses.ipv4}:${addresses.sipPort}`]
    const args = ['-m', '1', ...who, ...whom, ...where]
    const ended = await sipp('register', args).ended
    return { ...ended, bindings: provider.stats().bindings }
  } finally {
    await provider.stop()
  }
}

const sdp = (address: string) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n`
