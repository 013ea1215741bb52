import { expect, test } from 'vitest'
import type { IncomingCall } from '../../../src/agent/call.js'
import { CallIndex, type IndexedCall } from '../../../src/load/call-index.js'
import { MessageLog } from '../../../src/load/call-recorder.js'
import type { Line } from '../../../src/load/line.js'
import type { WireEvent } from '../../../src/transport/recording-network.js'

const endpoint = { address: '192.0.2.1', port: 5060 }
const heard = (text: string): WireEvent => ({
  at: 1,
  kind: 'datagram',
  direction: 'in',
  transport: 'udp',
  local: endpoint,
  remote: endpoint,
  data: Buffer.from(text),
})
const invite = (callId: string) => heard(`INVITE sip:2@192.0.2.1 SIP/2.0\r\nCall-ID: ${callId}\r\n\r\n`)
const call = (id: string, callerUser: string): IndexedCall => ({ id, callerUser, messages: new MessageLog() })
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the index reads
const incoming = (id: string, from: string) => ({ id, invite: { from: { uri: from } } }) as unknown as IncomingCall
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only its identity counts
const line = (name: string) => ({ name }) as unknown as Line

test('a message belongs to the call whose Call-ID it carries, an INVITE also where it came first', () => {
  const index = new CallIndex()
  const one = call('one', '1')
  expect(index.heard(invite('b@far'))).toBeUndefined()
  index.know('a@us', one)
  expect(index.heard(heard('SIP/2.0 200 OK\r\nCall-ID: a@us\r\n\r\n'))).toBe('one')
  expect(one.messages.packets(0)).toHaveLength(1)
  index.know('b@far', one)
  expect(one.messages.packets(0)).toHaveLength(2)
  index.forget(one)
  expect(index.heard(heard('SIP/2.0 200 OK\r\nCall-ID: a@us\r\n\r\n'))).toBeUndefined()
})

test('a call that rings is known by its Call-ID, else by who calls, else by its turn', () => {
  const index = new CallIndex()
  const bell = line('bell')
  const [one, two, three] = [call('one', '1'), call('two', '2'), call('three', '3')]
  for (const each of [one, two, three]) index.expect(bell, each)
  index.know('c@us', three)
  expect(index.arrived(bell, incoming('c@us', 'sip:1@example.net'))).toBe(three)
  expect(index.arrived(bell, incoming('x@b2bua', 'sip:2@example.net'))).toBe(two)
  expect(index.arrived(bell, incoming('y@b2bua', 'sip:anonymous@example.net'))).toBe(one)
  expect(index.arrived(bell, incoming('z@b2bua', 'sip:1@example.net'))).toBeUndefined()
})

test('a call that is known, but not expected on this line, is nobody’s; one that is over is expected no more', () => {
  const index = new CallIndex()
  const [bell, other] = [line('bell'), line('other')]
  const [one, two] = [call('one', '1'), call('two', '2')]
  index.expect(bell, one)
  index.know('b@us', two)
  expect(index.arrived(bell, incoming('b@us', 'sip:9@example.net'))).toBeUndefined()
  index.forget(one)
  expect(index.arrived(bell, incoming('a@us', 'sip:1@example.net'))).toBeUndefined()
  expect(index.arrived(other, incoming('a@us', 'sip:1@example.net'))).toBeUndefined()
})
