import { must, precondition, scenario, writesTo } from 'ringproof'

/** What arrives a second time does so by then. */
const SETTLED_MS = 2_000

export default scenario({
  id: 'lamps/text-message-once',
  title: 'A text message that is repeated because its answer was lost arrives once',
  area: 'lamps',
  purposes: ['TEXT-ONCE'],
  rules: {
    once: must('RFC 3261 §17.2.2', 'a text message that comes again is answered again, and not passed on again', {
      gravity: 'harm',
      cause: 'requests-carried-out-twice',
      harm: 'Text messages arrive several times on lossy lines.',
    }),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  transports: ['udp'],
  seconds: 14,
  harm: 'Text messages arrive several times.',
  advice:
    'Let the server keep its transactions, and the answers in them, for 64·T1 (Timer J): what comes again under the same branch is not carried out again.',
  async run({ alice, bob, expect, waits, target, clock }) {
    await alice.registers()
    await bob.registers()
    const since = clock.now()
    const { final, requests } = await writesTo(alice, bob, 'once')
    precondition(final, 'the text message got no final response', 'no-answer')
    precondition(final.status < 300, `the text message was refused with ${final.status}`)
    // A proxy without transactions passes each copy on, under the same branch: telephones know that as one message.
    const arrivals = () => {
      const { all } = bob.hears('MESSAGE', { since })
      return new Map(all.map((seen) => [seen.message.via.branch, seen]))
    }
    await bob.hears('MESSAGE', { since }).reaches(1, SETTLED_MS)
    precondition(arrivals().size > 0, 'the text message did not arrive')
    const sent = requests.at(-1)
    precondition(sent, 'the text message was not sent')
    for (let copy = 0; copy < 2; copy += 1) {
      await waits(target.timers.T1)
      await alice.transmits(sent)
    }
    await waits(SETTLED_MS)
    const all = arrivals()
    expect('once', all.size, { seen: [...all.values()].at(-1) }).toBe(1, 'text message')
  },
})
