/** Servers that are unusual and right, or broken in ways that no fault of the embedded provider is: what is said of them. */
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/clock/random.js'
import { VirtualClock } from '../../src/clock/virtual-clock.js'
import { createResponse } from '../../src/message/build.js'
import type { SipRequest } from '../../src/message/message.js'
import { parseMessage } from '../../src/message/parse.js'
import { answerBinding, encodeStun, parseStun } from '../../src/nat/stun.js'
import { runConformance } from '../../src/runner/run.js'
import type { Stages } from '../../src/worlds/stages.js'
import { finding, scenario } from '../../src/scenario/index.js'
import { type AnyScenario } from '../../src/scenario/scenario.js'
import { resolveTarget } from '../../src/worlds/find-target.js'
import { type TargetInput, targetOf } from '../../src/target/target-file.js'
import { DnsError, type Resolver } from '../../src/transport/dns-client.js'
import { MemoryNetwork } from '../../src/transport/memory-network.js'
import type { Endpoint, StreamConnection } from '../../src/transport/network.js'
import { StreamFramer } from '../../src/transport/stream-framer.js'
import { allScenarios } from './detection.js'

const SERVER = '198.51.100.5'

/** A name server that has an address for every name, and refuses what it is told to. */
const zone = (refuses: (type: string) => boolean = () => false): Resolver => ({
  query(name, type) {
    if (refuses(type)) return Promise.reject(new DnsError('server-failure', `${type} ${name}: NOTIMP`))
    return Promise.resolve({ rcode: 'NOERROR', answers: [], server: { address: SERVER, port: 53 }, transport: 'udp' })
  },
  addresses(name, family) {
    if (refuses(family === 'ipv4' ? 'A' : 'AAAA'))
      return Promise.reject(new DnsError('server-failure', `${name}: SERVFAIL`))
    return Promise.resolve(family === 'ipv4' ? [SERVER] : [])
  },
})

interface Oddity {
  readonly target?: Partial<TargetInput>
  readonly dns?: Resolver
  readonly from?: string
  readonly serve: (network: MemoryNetwork) => Promise<unknown>
}

/** What comes of one scenario against such a server. */
async function verdictOn(id: string | AnyScenario, odd: Oddity) {
  const definition = typeof id === 'string' ? await known(id) : id
  const document = targetOf({
    name: 'odd',
    domain: 'odd.example',
    endpoints: { udp: { host: 'odd.example' }, tcp: { host: 'odd.example' } },
    accounts: ['1', '2', '3'].map((user) => ({ user, password: 'x' })),
    ...odd.target,
  })
  const address = odd.from ?? '192.0.2.10'
  const on: Stages['on'] = (key, story) => {
    const clock = new VirtualClock()
    const random = new SeededRandom(key)
    const network = new MemoryNetwork({ clock, random: random.fork('wire'), link: { delayMs: 2 } })
    return clock.run(async () => {
      await odd.serve(network)
      const target = await resolveTarget({ document, dns: odd.dns ?? zone() })
      return story({
        clock,
        random,
        network,
        target,
        address: (family) => (family === 'ipv4' ? address : undefined),
        admitCall: () => Promise.resolve(() => {}),
        lagBetween: () => 0,
      })
    })
  }
  const { scenarios } = await runConformance({
    scenarios: [{ definition: { ...definition, variants: definition.variants ?? [variantOf(definition)] }, file: '' }],
    document,
    stages: { wire: 'memory', separate: true, on },
    selection: {},
    brief: true,
  })
  const [result] = scenarios
  return {
    verdict: result?.verdict,
    reason: result?.reason ?? '',
    failed: result?.checks.filter((check) => check.verdict === 'fail').map((check) => check.id.split('#').at(-1)),
  }
}

const variantOf = ({ transports }: AnyScenario) => ({ transport: transports?.[0] ?? 'udp', family: 'ipv4' }) as const

async function known(id: string): Promise<AnyScenario> {
  const found = (await allScenarios()).find(({ definition }) => definition.id === id)
  if (!found) throw new Error(`there is no scenario ${id}`)
  return found.definition
}

/** Answers every request with 200. */
function answerTo(bytes: Buffer): Buffer | undefined {
  const { message } = parseMessage(bytes, { mode: 'fast' })
  return message?.kind === 'request' ? createResponse(message, 200, undefined, { toTag: 'odd' }).toBytes() : undefined
}

/** SIP over TCP; `after` is called when an answer was written. */
const sipOverTcp = (after: (connection: StreamConnection) => void) => (network: MemoryNetwork) =>
  network.listen({
    kind: 'tcp',
    at: { address: SERVER, port: 5060 },
    onConnection: (connection) => {
      const framer = new StreamFramer({
        message(bytes) {
          const answer = answerTo(bytes)
          if (!answer || !connection.open) return
          connection.write(answer)
          after(connection)
        },
        ping: () => {},
        pong: () => {},
        broken: () => connection.close(),
      })
      connection.onData = (data) => framer.push(data)
    },
  })

const datagrams =
  (port: number, answer: (data: Buffer, from: Endpoint) => Buffer | undefined) => async (network: MemoryNetwork) => {
    const socket = await network.bindUdp({ address: SERVER, port })
    socket.onMessage = (data, from) => {
      const reply = answer(data, from)
      if (reply) socket.send(reply, from)
    }
  }

const stunTarget = { stun: { host: SERVER, ports: [3478, 10_000] } }
const stun = (seen: (from: Endpoint) => Endpoint, edit: (answer: Buffer) => Buffer = (answer) => answer) => {
  const one = (port: number) =>
    datagrams(port, (data, from) => {
      const request = parseStun(data)
      const answer = request && answerBinding(request, seen(from))
      return answer && edit(encodeStun(answer))
    })
  return async (network: MemoryNetwork) => {
    for (const port of [3478, 10_000]) await one(port)(network)
  }
}

describe('a server that closes each connection after its answer', () => {
  const serve = sipOverTcp((connection) => connection.close())

  it.each(['tcp/framing', 'tcp/empty-lines'])('is not blamed for what %s is about', async (id) => {
    const { verdict, failed } = await verdictOn(id, { serve })
    expect({ verdict, failed }).toEqual({ verdict: 'inconclusive', failed: [] })
  })

  it('is warned of by the scenario about idle connections', async () => {
    expect((await verdictOn('tcp/idle', { serve })).verdict).toBe('warn')
  })

  it('passes all three when it keeps them', async () => {
    for (const id of ['tcp/framing', 'tcp/empty-lines', 'tcp/idle'])
      expect((await verdictOn(id, { serve: sipOverTcp(() => {}) })).verdict, id).toBe('pass')
  })
})

describe('a server that answers empty datagrams', () => {
  it('is judged by its answer to the request', async () => {
    const serve = datagrams(5060, (data, from) => {
      const { message } = parseMessage(data, { mode: 'fast' })
      if (message?.kind !== 'request') return Buffer.from('\r\n')
      message.headers.set(
        'Via',
        `${message.headers.get('Via')?.replace(';rport', `;rport=${from.port}`)};received=${from.address}`,
      )
      return createResponse(message, 200, undefined, { toTag: 'odd' }).toBytes()
    })
    const { verdict, failed } = await verdictOn('nat/no-rport', { serve })
    // It sends to the source port: a finding.
    expect({ verdict, failed }).toEqual({ verdict: 'warn', failed: [] })
  })
})

describe('a server that sends back whatever it gets', () => {
  it('has not answered a keep-alive', async () => {
    const serve = (network: MemoryNetwork) =>
      network.listen({
        kind: 'tcp',
        at: { address: SERVER, port: 5060 },
        onConnection: (connection) => {
          connection.onData = (data) => connection.write(answerTo(data) ?? data)
        },
      })
    expect((await verdictOn('nat/pong', { serve })).failed).toEqual(['pong'])
  })
})

describe('a STUN server', () => {
  const target = stunTarget

  it('may add whatever need not be understood', async () => {
    // OTHER-ADDRESS (RFC 5780 §7.4) and RESPONSE-ORIGIN.
    const other = Buffer.from([0x80, 0x2c, 0, 8, 0, 1, 0x0d, 0x96, 198, 51, 100, 6])
    const serve = stun(
      (from) => from,
      (answer) => {
        const longer = Buffer.concat([answer, other, other])
        longer.writeUInt16BE(longer.length - 20, 2)
        return longer
      },
    )
    expect((await verdictOn('dns/stun', { target, serve })).verdict).toBe('pass')
    expect((await verdictOn('dns/stun-alternative', { target, serve })).verdict).toBe('pass')
  })

  it('has not answered where the transaction id is another', async () => {
    const serve = stun(
      (from) => from,
      (answer) => {
        answer[19] = (answer[19] ?? 0) ^ 1
        return answer
      },
    )
    expect((await verdictOn('dns/stun', { target, serve })).failed).toEqual(['answers'])
  })

  it('that tells every device the same address is caught, unless a NAT may be behind it', async () => {
    const serve = stun(({ port }) => ({ address: '203.0.113.77', port }))
    expect((await verdictOn('dns/stun', { target, serve })).failed).toEqual(['mapped'])
    expect((await verdictOn('dns/stun-alternative', { target, serve })).verdict).toBe('warn')
    expect((await verdictOn('dns/stun', { target, serve, from: '192.168.1.5' })).verdict).toBe('pass')
    expect((await verdictOn('dns/stun-alternative', { target, serve, from: '192.168.1.5' })).verdict).toBe('pass')
  })
})

describe('a time server', () => {
  it('that tells us to go away (kiss of death) says nothing of its time', async () => {
    const serve = datagrams(123, (data) => {
      const answer = Buffer.alloc(48)
      answer[0] = 0xe4
      answer.write('RATE', 12, 'latin1')
      data.copy(answer, 24, 40, 48)
      return answer
    })
    const { verdict, reason } = await verdictOn('dns/time', { target: { ntp: { host: SERVER } }, serve })
    expect({ verdict, reason }).toEqual({
      verdict: 'inconclusive',
      reason: 'the time server refuses to serve this machine: RATE',
    })
  })
})

describe('a name server', () => {
  const serve = datagrams(5060, answerTo)

  it('that knows neither NAPTR nor SRV warns; it is no defect of ours', async () => {
    const dns = zone((type) => type === 'NAPTR' || type === 'SRV')
    expect((await verdictOn('dns/records', { dns, serve })).verdict).toBe('warn')
  })

  it('whose NAPTR records lead to another domain is right: it need not be the one that was asked for', async () => {
    const elsewhere = (services: string, replacement: string) =>
      ({
        type: 'NAPTR',
        data: { order: 10, preference: 10, flags: 's', services, regexp: '', replacement },
      }) as const
    const srv = { type: 'SRV', data: { priority: 1, weight: 1, port: 5060, target: 'odd.example' } } as const
    const verdict = async (leadsTo: (name: string) => boolean) => {
      const dns: Resolver = {
        ...zone(),
        query(name, type) {
          const records =
            type === 'NAPTR'
              ? [elsewhere('SIP+D2U', '_sip._udp.hoster.example'), elsewhere('SIP+D2T', '_sip._tcp.hoster.example')]
              : leadsTo(name)
                ? [srv]
                : []
          const answers = type === 'NAPTR' || type === 'SRV' ? records.map((one) => ({ name, ttl: 60, ...one })) : []
          return Promise.resolve({
            rcode: 'NOERROR',
            answers,
            server: { address: SERVER, port: 53 },
            transport: 'udp',
          })
        },
      }
      return (await verdictOn('dns/records', { dns, serve })).verdict
    }
    expect(await verdict(() => true)).toBe('pass')
    expect(await verdict((name) => !name.includes('hoster'))).toBe('warn')
  })

  it('that fails for AAAA does not hide the A records', async () => {
    const dns = zone((type) => type === 'AAAA')
    expect((await verdictOn('dns/dead-records', { dns, serve })).verdict).toBe('pass')
  })

  it('without SRV records leads nobody to a port 5061 of the domain', async () => {
    const target = {
      endpoints: { udp: { host: 'odd.example' }, tls: { host: SERVER, port: 5999, domain: 'odd.example' } },
    }
    const listen = (network: MemoryNetwork) =>
      network.listen({
        kind: 'tls',
        at: { address: SERVER, port: 5999 },
        tls: { cert: '', key: '' },
        onConnection: (connection) => {
          connection.onData = (data) => {
            const answer = answerTo(data)
            if (answer) connection.write(answer)
          }
        },
      })
    const definition = { ...(await known('dns/dead-records')), transports: ['tls'] as const }
    expect((await verdictOn(definition, { target, serve: listen })).verdict).toBe('pass')
  })
})

describe('a registrar that looks at the interval before anything else', () => {
  it('is not blamed for its 423 where 400 is expected of a SIPS contact', async () => {
    const answer = (request: SipRequest) => {
      const contact = request.headers.get('Contact') ?? ''
      const expires = Number(/expires=(\d+)/.exec(contact)?.[1] ?? request.headers.get('Expires') ?? 3600)
      if (expires > 0 && expires < 600)
        return createResponse(request, 423, undefined, { toTag: 'odd', headers: [['Min-Expires', '600']] })
      if (contact.includes('sips:')) return createResponse(request, 400, undefined, { toTag: 'odd' })
      const headers: [string, string][] = [['Contact', `${contact};expires=${expires}`]]
      return createResponse(request, 200, undefined, { toTag: 'odd', headers })
    }
    const serve = (network: MemoryNetwork) =>
      network.listen({
        kind: 'tls',
        at: { address: SERVER, port: 5061 },
        tls: { cert: '', key: '' },
        onConnection: (connection) => {
          connection.onData = (data) => {
            const { message } = parseMessage(data, { mode: 'fast' })
            if (message?.kind === 'request') connection.write(answer(message).toBytes())
          }
        },
      })
    const target = { endpoints: { tls: { host: SERVER, port: 5061, domain: 'odd.example' } } }
    expect((await verdictOn('tls/sips-contact-mixed', { target, serve })).verdict).toBe('pass')
  })
})

describe('a way to the target that breaks off in the middle of a story', () => {
  it.each([
    [
      'a connection',
      (network: MemoryNetwork) => network.connect({ kind: 'tcp', remote: { address: SERVER, port: 9 } }),
    ],
    ['a look-up', () => Promise.reject(new DnsError('timeout', 'no answer within 2 s'))],
  ])('is inconclusive, not a defect: %s', async (_, breaks) => {
    let wire: MemoryNetwork | undefined
    const story = scenario({
      id: 'odd/breaks',
      title: 'breaks off',
      area: 'tcp',
      purposes: ['TR-BOTH'],
      rules: { never: finding('BH-3', 'is looked at', { gravity: 'letter' }) },
      devices: { alice: {} },
      seconds: 5,
      harm: 'none',
      advice: 'none',
      async run() {
        if (wire) await breaks(wire)
      },
    })
    const { verdict } = await verdictOn(story, {
      serve: (network) => {
        wire = network
        return Promise.resolve()
      },
    })
    expect(verdict).toBe('inconclusive')
  })
})
