import { must, precondition, probe, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/empty-lines',
  title: 'Empty lines before a message on a connection are ignored',
  area: 'tcp',
  purposes: ['TR-CRLF'],
  provider: ['BH-3'],
  rules: {
    ignored: must('RFC 3261 §7.5', 'line ends before the start line are ignored', {
      gravity: 'harm',
      cause: 'empty-lines-rejected',
      follows: ['stream-framing'],
      harm: 'Requests that follow keep-alives on TCP or TLS are lost: log-ins and calls of telephones that send empty lines.',
    }),
    open: must('RFC 3261 §7.5', 'a connection on which empty lines came stays open', {
      gravity: 'outage',
      cause: 'empty-lines-rejected',
      harm: 'Telephones that send keep-alives on TCP or TLS lose their connection each time. They miss calls.',
    }),
  },
  devices: { alice: {} },
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  reliesOn: 'reach',
  harm: 'Empty lines on a connection are not ignored.',
  advice:
    'Look at how the server reads from connections and treats keep-alives. OpenSIPS: tcp_crlf_pingpong and tcp_crlf_drop of proto_tcp.',
  async run({ alice, target, expect, waits }) {
    const ask = () => probe(alice, target)
    let connection = await alice.connects()
    const plain = ask()
    connection.write(plain.toBytes())
    precondition(
      await alice.hears(undefined, { callId: plain.callId }).reaches(1, 4_000),
      'a request without log-in got no answer',
      'no-answer',
    )
    await waits(200)
    const hangsUp = !connection.open
    const outcomes: string[] = []
    for (const lines of [1, 2, 5]) {
      if (hangsUp) connection = await alice.connects()
      const request = ask()
      connection.write(Buffer.concat([Buffer.from('\r\n'.repeat(lines)), request.toBytes()]))
      const answered = await alice.hears(undefined, { callId: request.callId }).reaches(1, 2_000)
      outcomes.push(`${lines}: ${answered ? 'answered' : 'not answered'}`)
    }
    connection.write(Buffer.from('\r\n\r\n'))
    await waits(200)
    expect('ignored', outcomes).toEqual(['1: answered', '2: answered', '5: answered'])
    precondition(!hangsUp, 'the target closes each connection after its answer, also without empty lines')
    expect('open', connection.open).toBeTrue('open')
  },
})
