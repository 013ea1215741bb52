/**
 * A far end that costs little, in a process of its own: answers REGISTER, INVITE, BYE and OPTIONS over UDP with 200 and nothing
 * else, and sends every RTP packet back to where it came from. To an offer of SRTP it answers with the offer's own key, so that what
 * comes back can be read. Argument: its SIP port, 0 for any; the parent is sent `{ port }`, and its end is the sink's.
 */
import dgram from 'node:dgram'
import { WallClock } from '../clock/wall-clock.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { loadLibc } from '../transport/libc.js'
import { PolledNetwork } from '../transport/polled-network.js'

/** Many calls share one: its buffer must last while this process waits for a core. */
const RTP_SOCKETS = 32
const EVERY_MS = 1
const ADDRESS = '127.0.0.1'
const COPIED = /^(?:via|v|from|f|call-id|i|cseq|record-route)[ \t]*:/i

const clock = new WallClock()
const kernel = new KernelNetwork(clock)
const libc = loadLibc()
const network = libc === undefined ? kernel : new PolledNetwork(kernel, libc)
const reflectors = await Promise.all(
  Array.from({ length: RTP_SOCKETS }, () => network.bindUdp({ address: ADDRESS, port: 0 })),
)
for (const reflector of reflectors) reflector.onMessage = (data, from) => reflector.send(data, from)
const reflect = () => {
  for (const reflector of reflectors) reflector.fetch?.()
  clock.after(EVERY_MS, reflect)
}
reflect()
let calls = 0

const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
socket.on('message', (data, from) => {
  const text = data.toString('latin1')
  const method = text.slice(0, text.indexOf(' '))
  if (method === 'ACK' || method === 'SIP/2.0') return
  const [head = '', offer = ''] = text.split('\r\n\r\n')
  const answer = ['SIP/2.0 200 OK']
  for (const line of head.split('\r\n')) {
    if (COPIED.test(line)) answer.push(line)
    else if (/^(?:to|t)[ \t]*:/i.test(line)) answer.push(/;tag=/i.test(line) ? line : `${line};tag=sink`)
    else if (method === 'REGISTER' && /^(?:contact|m)[ \t]*:/i.test(line)) answer.push(`${line};expires=600`)
  }
  const body = method === 'INVITE' ? mediaFor(offer) : ''
  if (body !== '')
    answer.push(`Contact: <sip:sink@${ADDRESS}:${socket.address().port}>`, 'Content-Type: application/sdp')
  answer.push(`Content-Length: ${body.length}`, '', body)
  socket.send(answer.join('\r\n'), from.port, from.address)
})
socket.bind(Number(process.argv[2] ?? 0), ADDRESS, () => process.send?.({ port: socket.address().port }))
process.on('disconnect', () => process.exit())

function mediaFor(offer: string): string {
  const rtpPort = reflectors[calls++ % RTP_SOCKETS]?.local.port
  const crypto = /^a=crypto:.*$/m.exec(offer)?.[0].trim()
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${ADDRESS}`,
    's=-',
    `c=IN IP4 ${ADDRESS}`,
    't=0 0',
    `m=audio ${rtpPort} RTP/${crypto === undefined ? 'AVP' : 'SAVP'} 8 101`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    ...(crypto === undefined ? [] : [crypto]),
    '',
  ].join('\r\n')
}
