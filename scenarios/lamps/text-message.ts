import {
  callerIdentity,
  finding,
  isOf,
  loginTaken,
  must,
  owed,
  precondition,
  scenario,
  whereReached,
  writesTo,
} from 'ringproof'

const SOON_MS = 8_000
/** Letters of two, three and four octets, and two lines. */
const TEXT = 'Grüße aus Köln: 5 € 🙂\r\nsecond line'

export default scenario({
  id: 'lamps/text-message',
  title: 'A text message arrives as it was written, and its sender is told the truth about it',
  area: 'lamps',
  purposes: ['TEXT'],
  rules: {
    delivered: owed('RFC 3428 §4', 'a text message that is answered 200 has reached the telephone', {
      gravity: 'harm',
      cause: 'text-lost',
      harm: 'Text messages are lost: their senders are told that they have arrived.',
    }),
    accepted: whereReached(
      finding('RFC 3428 §7', 'a text message that was accepted (202) for a telephone that is there reaches it soon', {
        gravity: 'harm',
        cause: 'text-lost',
        harm: 'Text messages are accepted and do not arrive.',
      }),
    ),
    text: whereReached(
      owed('RFC 3428 §7', 'a text message is read as it was written', {
        gravity: 'harm',
        cause: 'text-changed',
        harm: 'Text messages arrive with other letters than were written.',
      }),
    ),
    sender: whereReached(
      owed('security', 'a text message shows who has written it', {
        gravity: 'harm',
        cause: 'text-of-others',
        harm: 'Text messages do not show who has written them.',
      }),
    ),
    noDialog: whereReached(
      must('RFC 3428 §4, §7', 'a text message makes no dialog: there is no Contact in it, nor in its 2xx', {
        gravity: 'letter',
        harm: 'Text messages look as if they began a dialog.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 14,
  harm: 'Text messages do not arrive as they were written.',
  advice:
    'Follow the MESSAGE in the ladder: whether it reaches the called telephone, and who answers it. What is stored for later is answered 202, never 200. Kamailio: route it like an INVITE, without record_route(); Asterisk: message_context, and MessageSend() in it.',
  async run({ alice, bob, expect, clock }) {
    await alice.registers()
    await bob.registers()
    const since = clock.now()
    const { final } = await writesTo(alice, bob, TEXT)
    loginTaken(final)
    precondition(final, 'the text message got no final response', 'no-answer')
    precondition(final.status < 300, `the text message was refused with ${final.status}`)
    const hearing = bob.hears('MESSAGE', { since })
    await hearing.reaches(1, SOON_MS)
    const seen = hearing.first
    const answer = alice.hears('2xx', { to: 'MESSAGE', since }).last
    const outcome = seen ? 'arrived' : `${final.status}, and nothing arrived`
    if (
      !expect('delivered', outcome, { seen: answer }).toSatisfy(
        'arrived',
        () => seen !== undefined || final.status !== 200,
      )
    )
      return
    if (final.status !== 200) expect('accepted', outcome, { seen: answer }).toBe('arrived')
    if (seen === undefined) return
    const { message } = seen
    const read = message.body.toString('utf8')
    // Line ends are written in several ways.
    const inLines = (text: string) => text.replaceAll(/\r\n?/g, '\n').trim()
    const type = message.contentType?.split(';')[0]?.trim().toLowerCase() ?? 'no Content-Type'
    expect('text', `${type}: ${read}`, { seen }).toSatisfy(
      `text/plain: ${TEXT}`,
      () => type === 'text/plain' && inLines(read) === inLines(TEXT),
    )
    const { shown } = callerIdentity(message)
    expect('sender', shown ?? 'nobody', { seen, header: 'From' }).toSatisfy("the writer's number", (who) =>
      isOf(alice.account, who),
    )
    const contacts = [
      ...(message.headers.has('Contact') ? ['in the MESSAGE'] : []),
      ...(final.headers.has('Contact') ? ['in its 2xx'] : []),
    ]
    const shows = message.headers.has('Contact') ? seen : answer
    expect('noDialog', contacts, { seen: shows, header: 'Contact' }).toBeEmpty('no Contact')
  },
})
