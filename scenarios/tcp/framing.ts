import { must, precondition, probe, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/framing',
  title: 'Messages are found in the stream wherever it is cut, and where several arrive at once',
  area: 'tcp',
  purposes: ['TR-FRAME'],
  provider: ['BH-3'],
  rules: {
    pieces: must(
      'RFC 3261 §18.3',
      'a message is complete when its Content-Length is reached, in however many pieces it comes',
      {
        gravity: 'outage',
        cause: 'stream-framing',
        harm: 'Messages that arrive in pieces over TCP or TLS are lost: calls with long messages fail.',
      },
    ),
    joined: must('RFC 3261 §18.3', 'what follows a message in the same piece is the next message', {
      gravity: 'outage',
      cause: 'stream-framing',
      harm: 'Of several messages that arrive at once over TCP or TLS some are lost.',
    }),
  },
  devices: { alice: {} },
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  fitForLoad: true,
  reliesOn: 'reach',
  harm: 'Messages over TCP or TLS are lost.',
  advice: 'Look at how the server reads from connections: it takes pieces of the stream for whole messages.',
  async run({ alice, target, expect, waits }) {
    // A body that looks like the end of a message to whom doesn't count its bytes.
    const body = 'first\r\n\r\nOPTIONS sip:not-a-request SIP/2.0\r\n\r\nlast'
    const ask = () => probe(alice, target, { body, contentType: 'text/plain' })
    let connection = await alice.connects()
    const whole = ask()
    const answerTo = (request: typeof whole) => alice.hears(undefined, { callId: request.callId })
    connection.write(whole.toBytes())
    precondition(await answerTo(whole).reaches(1, 4_000), 'a request in one piece got no answer', 'no-answer')
    await waits(200)
    // Whether it may do so is not the question here.
    const hangsUp = !connection.open
    const reconnects = async () => {
      if (!connection.open) connection = await alice.connects()
    }
    await reconnects()

    const cut = ask()
    const bytes = cut.toBytes()
    const blank = bytes.indexOf('\r\n\r\n')
    let from = 0
    // In the start line, in a header field, inside the blank line, in the body.
    for (const to of [9, bytes.indexOf('Call-ID') + 12, blank + 3, blank + 4 + 3, bytes.length]) {
      connection.write(bytes.subarray(from, to))
      from = to
      await waits(100)
    }
    const inPieces = await answerTo(cut).reaches(1, 4_000)
    await reconnects()
    const both = [ask(), ask(), ask()]
    const [, , third = cut] = both
    const stream = Buffer.concat(both.map((request) => request.toBytes()))
    const inThird = stream.length - Math.floor(third.toBytes().length / 2)
    connection.write(stream.subarray(0, inThird))
    await waits(100)
    connection.write(stream.subarray(inThird))
    await answerTo(third).reaches(1, 4_000)
    expect('pieces', inPieces).toBeTrue('answered')
    precondition(!hangsUp, 'the target closes the connection after its first answer')
    expect(
      'joined',
      both.map((request) => (answerTo(request).count > 0 ? 'answered' : 'not answered')),
    ).toEqual(['answered', 'answered', 'answered'])
  },
})
