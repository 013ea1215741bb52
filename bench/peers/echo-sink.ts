/**
 * A far end that costs little, in a process of its own: answers REGISTER, INVITE, BYE and OPTIONS over UDP with 200 and
 * nothing else, and sends every RTP packet back to where it came from. Argument: its SIP port.
 */
import dgram from 'node:dgram'
import { WallClock } from '../../src/clock/wall-clock.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { loadLibc } from '../../src/transport/libc.js'
import { PolledNetwork } from '../../src/transport/polled-network.js'

const [port = 0] = process.argv.slice(2).map(Number)
/** Many calls share one: its buffer must last while this process waits for a core. */
const RTP_SOCKETS = 32
const EVERY_MS = 1
const COPIED = /^(?:via|v|from|f|call-id|i|cseq|record-route)[ \t]*:/i

const clock = new WallClock()
const kernel = new KernelNetwork(clock)
const libc = loadLibc()
const network = libc === undefined ? kernel : new PolledNetwork(kernel, libc)
const reflectors = await Promise.all(
  Array.from({ length: RTP_SOCKETS }, () => network.bindUdp({ address: '127.0.0.1', port: 0 })),
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
  const lines = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n')
  const answer = ['SIP/2.0 200 OK']
  for (const line of lines) {
    if (COPIED.test(line)) answer.push(line)
    else if (/^(?:to|t)[ \t]*:/i.test(line)) answer.push(/;tag=/i.test(line) ? line : `${line};tag=sink`)
    else if (method === 'REGISTER' && /^(?:contact|m)[ \t]*:/i.test(line)) answer.push(`${line};expires=600`)
  }
  let body = ''
  if (method === 'INVITE') {
    const rtpPort = reflectors[calls++ % RTP_SOCKETS]?.local.port
    answer.push(`Contact: <sip:sink@127.0.0.1:${port}>`, 'Content-Type: application/sdp')
    const media = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${rtpPort} RTP/AVP 8 101`,
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      '',
    ]
    body = media.join('\r\n')
  }
  answer.push(`Content-Length: ${body.length}`, '', body)
  socket.send(answer.join('\r\n'), from.port, from.address)
})
socket.bind(port, '127.0.0.1', () => process.send?.('listening'))
process.on('disconnect', () => process.exit())
