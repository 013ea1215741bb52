import { fallsSilent, fits, owed, paceAt, precondition, scenario, should, speechAt } from 'ringproof'

const ASKED_MS = 30
const GREETING_MS = 6_000

export default scenario({
  id: 'media/packet-times-of-services',
  title: 'Announcements come in packets as long as the telephone asked for, and sound right',
  area: 'media',
  purposes: ['PTIME'],
  provider: ['BH-4'],
  rules: {
    pace: owed('RFC 3550 §5.1', 'timestamps of announcements advance by as much audio as is in the packets', {
      gravity: 'harm',
      cause: 'packet-times-misread',
      follows: ['audio-altered'],
      harm: 'Announcements sound too fast, too slow or choppy on some telephones: audio comes in {pace|packets whose timestamps do not fit them}.',
    }),
    asked: should('RFC 3264 §6.1', 'packets are as long as the ptime of the offer wants them', {
      gravity: 'letter',
      follows: ['packet-times-misread'],
      harm: 'Telephones on slow lines, which ask for longer packets, get short ones: they need more of the line than they should.',
    }),
  },
  devices: { alice: { packetMs: ASKED_MS } },
  needs: ['dtmf-test'],
  step: 'talk',
  seconds: 14,
  harm: 'Announcements sound wrong on telephones that do not ask for packets of 20 ms.',
  advice:
    'Look in the capture how much audio the packets of the media server hold (8 octets are a millisecond of G.711), and by how much their timestamps advance.',
  async run({ alice, services, clock, expect, figure, waits }) {
    await alice.registers()
    await alice.reaches(services.dtmfTest ?? '')
    const answeredAt = alice.hears(200, { to: 'INVITE' }).last?.at ?? 0
    await waits(1_500)
    await fallsSilent(alice, clock, { withinMs: GREETING_MS })
    const pace = paceAt(alice, answeredAt)
    precondition(
      pace !== undefined && pace.packets > 20,
      `no announcement was heard: ${speechAt(alice, answeredAt).words}`,
      'no-audio',
    )
    if (!fits(pace)) figure('pace', pace.words)
    expect('pace', pace.words).toSatisfy('as much apart as they hold', () => fits(pace))
    expect('asked', `packets of ${pace.packetMs} ms`).toBe(`packets of ${ASKED_MS} ms`)
  },
})
