import { expect, it } from 'vitest'
import { probe } from '../../../src/cli/reachability.js'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { resolveTarget } from '../../../src/worlds/find-target.js'
import { targetOf } from '../../../src/target/target-file.js'
import { DnsClient } from '../../../src/transport/dns-client.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'

const SERVER = { address: '192.0.2.1', port: 5060 }

/** What is found at a server that answers as `answer` says. */
async function found(answer: (request: string) => string | undefined) {
  const clock = new VirtualClock()
  const random = new SeededRandom('probe')
  const network = new MemoryNetwork({ clock, random, link: { delayMs: 5 }, splitStreams: false })
  const document = targetOf({
    name: 'odd',
    domain: 'example.net',
    endpoints: { udp: { host: SERVER.address } },
    accounts: [{ user: 'alice', password: 'x' }],
  })
  let probes: Awaited<ReturnType<typeof probe>> = []
  const heard: string[] = []
  await clock.run(async () => {
    const socket = await network.bindUdp(SERVER)
    socket.onMessage = (data, from) => {
      const request = data.toString()
      heard.push(request)
      const said = answer(request)
      if (said !== undefined) socket.send(Buffer.from(said), from)
    }
    const dns = new DnsClient({ network, clock, random, servers: [] })
    const target = await resolveTarget({ document, dns })
    probes = await probe(
      Object.assign(JSON.parse('{}'), { clock, random, network, target, address: () => '192.0.2.9' }),
    )
    socket.close()
  })
  return { probes, heard }
}

const fieldsOf = (request: string) =>
  request
    .split('\r\n')
    .filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/.test(line))
    .join('\r\n')

it('who drops OPTIONS and knows REGISTER is there', async () => {
  const { probes, heard } = await found((request) =>
    request.startsWith('REGISTER') ? `SIP/2.0 401 No\r\n${fieldsOf(request)}\r\n\r\n` : undefined,
  )
  expect(probes).toMatchObject([{ where: 'udp 192.0.2.1:5060', trouble: undefined }])
  const register = heard.find((request) => request.startsWith('REGISTER'))
  expect(register).toMatch(/\r\nTo: <sip:alice@example\.net>\r\n/)
  expect(register).not.toMatch(/^Contact:/m)
})

it('who answers with something that breaks the grammar is there', async () => {
  const { probes } = await found(
    (request) => `SIP/2.0 200 OK\r\n${fieldsOf(request)}\r\nContact: <sip:a b>>;"\r\nContent-Length: 0\r\n\r\n`,
  )
  expect(probes).toMatchObject([{ trouble: undefined }])
})

it('who answers nothing is not', async () => {
  const { probes } = await found(() => undefined)
  expect(probes).toMatchObject([{ trouble: 'no answer to OPTIONS nor to REGISTER' }])
})
