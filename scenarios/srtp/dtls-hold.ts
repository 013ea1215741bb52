import { handshakeOf, outcomeOfOffer, owed, precondition, scenario, unsupported } from 'ringproof'

const HANDSHAKE_MS = 8_000
const ECHO_MS = 12_000

export default scenario({
  id: 'srtp/dtls-hold',
  title: 'With DTLS-SRTP the audio goes on after hold and resume',
  area: 'srtp',
  purposes: ['DTLS-KEYS', 'OA-HOLD'],
  provider: ['BH-8'],
  rules: {
    resumed: owed('RFC 8842 §5.5', 'a new offer that changes nothing about DTLS goes on with the keys that there are', {
      gravity: 'outage',
    }),
  },
  devices: { alice: { srtp: 'dtls' } },
  needs: ['echo'],
  step: 'talk',
  transports: ['udp', 'tls'],
  families: ['ipv4'],
  seconds: 36,
  harm: 'After hold there is silence: encrypted calls with DTLS-SRTP lose their audio with the next re-INVITE.',
  advice:
    'Look whether the relay begins a new DTLS association at a re-INVITE though fingerprint, setup and addresses are the same (RFC 8842 §4).',
  async run({ alice, services, clock, expect, waits, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '')
    const outcome = await outcomeOfOffer(call, { within })
    if (outcome.kind === 'refused') unsupported(`DTLS-SRTP is refused with ${outcome.status}`)
    const { media } = call
    const handshake = await handshakeOf(media, HANDSHAKE_MS, clock)
    precondition(handshake.complete && media, `no DTLS handshake: ${handshake.words}`, 'no-audio')
    precondition(await media.hears(media.patternId, ECHO_MS), 'the echo test did not send the audio back', 'no-audio')
    media.hold(true)
    const held = await within(call.reinvite(), 6_000)
    precondition(held?.status === 200, `the re-INVITE was rejected with ${held?.status ?? 'no answer'}`)
    await waits(1_000)
    media.hold(false)
    const resumed = await within(call.reinvite(), 6_000)
    precondition(resumed?.status === 200, `the re-INVITE was rejected with ${resumed?.status ?? 'no answer'}`)
    const since = clock.now() + 200
    expect('resumed', await media.hears(media.patternId, ECHO_MS, { since })).toBeTrue('its own voice')
    await within(call.hangUp(), 4_000)
  },
})
