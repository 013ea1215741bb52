import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Answer, decode, encode } from 'dns-packet'
import { expect, test } from 'vitest'
import { examineMachine, examineTarget } from '../../../src/cli/doctor.js'
import { targetOf } from '../../../src/target/target-file.js'

test('a target whose servers cannot be found is looked at all the same', async () => {
  const dns = createSocket('udp4')
  dns.on('message', (query, { port, address }) => {
    const { id, questions = [] } = decode(query)
    // RFC 2782, Target: "." says that the service is decidedly not there.
    const answers = questions.flatMap(({ name, type }): Answer[] =>
      type === 'SRV' ? [{ type, name, data: { port: 0, target: '.' } }] : [],
    )
    dns.send(encode({ type: 'response', id: id ?? 0, questions, answers }), port, address)
  })
  dns.bind(0, '127.0.0.1')
  await once(dns, 'listening')
  try {
    const document = targetOf({
      name: 't',
      domain: 'example.invalid',
      accounts: [{ user: '1', password: '2' }],
      dns: { server: '127.0.0.1', port: dns.address().port },
    })
    const found = await examineTarget(document)
    expect(found.filter(({ topic }) => topic === 'endpoint')).toEqual([
      expect.objectContaining({ what: 'servers of example.invalid', state: 'no' }),
    ])
    expect(found.some(({ topic }) => topic === 'name')).toBe(true)
    expect(found.some(({ topic }) => topic === 'target')).toBe(true)
  } finally {
    dns.close()
  }
})

test('of a target that names its servers, neither the Internet nor records in DNS limit what can be tested', async () => {
  // Nothing answers there: each query is rejected.
  const document = targetOf({
    name: 't',
    domain: 'example.invalid',
    endpoints: { udp: { host: '127.0.0.1', port: 5060 } },
    families: ['ipv4', 'ipv6'],
    accounts: [{ user: '1', password: '2' }],
    dns: { server: '127.0.0.1', port: 9 },
  })
  const found = await examineTarget(document)
  expect(found.filter(({ topic }) => topic === 'family')).toEqual([
    { topic: 'family', what: 'IPv4 to the target', state: 'yes', found: 'from 127.0.0.1' },
  ])
  const records = found.filter(({ topic }) => topic === 'name')
  expect(records.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
  expect(records[0]?.found).toMatch(/^no answer/)
  const machine = await examineMachine({}, false)
  expect(machine.filter(({ topic }) => topic === 'family')).toEqual([])
})
