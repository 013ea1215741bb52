// Does it answer? One small question to each program, in its own protocol.
import { createSocket } from 'node:dgram'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ANSWER_MS = 400

/** Sends one datagram; true when an answer comes that `fits`. */
function askUdp(address, port, question, fits = () => true) {
  return new Promise((settle) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const end = (answered) => {
      clearTimeout(timer)
      socket.close()
      settle(answered)
    }
    const timer = setTimeout(() => end(false), ANSWER_MS)
    socket.on('error', () => end(false))
    socket.on('message', (answer) => fits(answer) && end(true))
    socket.connect(port, address, () => socket.send(question))
  })
}

/** Writes on a new connection; true when the answer's beginning `fits`. */
function askStream(open, question, fits) {
  return new Promise((settle) => {
    const stream = open()
    const end = (answered) => {
      clearTimeout(timer)
      stream.destroy()
      settle(answered)
    }
    const timer = setTimeout(() => end(false), 2 * ANSWER_MS)
    stream.on('error', () => end(false))
    stream.on('data', (answer) => end(fits(answer)))
    stream.write(question)
  })
}

/**
 * OPTIONS over UDP, TCP and TLS to each address; true when all are answered with 200, or 401 where a log-in is asked for.
 * @param where `{ addresses, sipPort, sipsPort, domain, secure, folder }`: TLS is asked for as `secure`, with the folder's ca.pem
 */
export async function sipAnswers({ addresses, sipPort, sipsPort, domain, secure, folder }) {
  for (const host of addresses) {
    const question = (transport) => options(transport, host, domain)
    if (!(await askUdp(host, sipPort, question('UDP'), isSipAnswer))) return false
    const tcp = () => connectTcp({ host, port: sipPort })
    if (!(await askStream(tcp, question('TCP'), isSipAnswer))) return false
    const ca = readFileSync(join(folder, 'ca.pem'))
    const tls = () => connectTls({ host, port: sipsPort, servername: secure, ca })
    if (!(await askStream(tls, question('TLS'), isSipAnswer))) return false
  }
  return true
}

/** OPTIONS over UDP; true for any answer: what stands behind a server may know calls only. */
export const udpAnswers = ({ address, port }) =>
  askUdp(address, port, options('UDP', address, address), (answer) => answer.toString('latin1').startsWith('SIP/2.0 '))

const options = (transport, host, domain) => {
  const via = host.includes(':') ? `[${host}]` : host
  return [
    `OPTIONS sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${via};rport;branch=z9hG4bK${process.hrtime.bigint()}`,
    'Max-Forwards: 70',
    `From: <sip:probe@probe.invalid>;tag=probe`,
    `To: <sip:${domain}>`,
    `Call-ID: ${process.hrtime.bigint()}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')
}
const isSipAnswer = (answer) => /^SIP\/2\.0 (?:200|401) /.test(answer.toString('latin1'))

/** RFC 8489 §5: a Binding request without attributes. */
export async function stunAnswers({ address, ports }) {
  const request = Buffer.alloc(20)
  request.writeUInt16BE(1, 0)
  request.writeUInt32BE(0x2112a442, 4)
  for (const port of ports)
    if (!(await askUdp(address, port, request, (answer) => answer.readUInt16BE(0) === 0x0101))) return false

  return true
}

/** RFC 1035 §4.1: one question, type A. */
export function dnsAnswers({ address, port, domain }) {
  const header = Buffer.from([0x52, 0x50, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  const labels = domain.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  const question = Buffer.concat([header, ...labels, Buffer.from([0, 0, 1, 0, 1])])
  return askUdp(address, port, question, (answer) => answer.readUInt16BE(6) > 0)
}

/** RFC 5905 §7.3: a client's request, version 4; the server must have a stratum. */
export function ntpAnswers({ address, port }) {
  const request = Buffer.alloc(48)
  request[0] = 0x23
  return askUdp(address, port, request, (answer) => (answer[0] & 7) === 4 && answer[1] > 0 && answer[1] < 16)
}

/** rtpengine's control protocol: a cookie, then a bencoded dictionary. */
export function relayAnswers({ controlPort }) {
  return askUdp('127.0.0.1', controlPort, 'ready d7:command4:pinge', (answer) => answer.includes('4:pong'))
}
