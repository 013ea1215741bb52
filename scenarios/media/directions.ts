import { must, outcomeOfOffer, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'media/directions',
  title: 'Offers of recvonly, inactive and sendonly audio are answered with a fitting direction',
  area: 'media',
  purposes: ['OA-ANSWER'],
  provider: ['SC-4'],
  rules: {
    listens: must('RFC 3264 §6.1', 'a stream that is offered recvonly is answered sendonly or inactive', {
      gravity: 'letter',
      cause: 'hold-ignored',
    }),
    neither: must('RFC 3264 §6.1', 'a stream that is offered inactive is answered inactive', {
      gravity: 'letter',
      cause: 'hold-ignored',
    }),
    speaks: must('RFC 3264 §6.1', 'a stream that is offered sendonly is answered recvonly or inactive', {
      gravity: 'letter',
      cause: 'hold-ignored',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  fitForLoad: true,
  harm: 'Devices that only listen or only speak (paging, door stations) are sent audio that they did not ask for.',
  advice:
    'Look at a=sendrecv, sendonly, recvonly and inactive in the answers of services: RFC 3264 §6.1 says which fits which offer.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const ask = async (direction: 'recvonly' | 'inactive' | 'sendonly') => {
      const audio = await alice.speaksByHand()
      const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ direction }) })
      const outcome = await outcomeOfOffer(call, { within })
      await within(call.hangUp(), 4_000)
      return outcome.kind === 'taken' ? outcome.audio.direction : undefined
    }
    const listens = await ask('recvonly')
    const neither = await ask('inactive')
    const speaks = await ask('sendonly')
    // A service may refuse a stream altogether.
    precondition(listens ?? neither ?? speaks, 'every offer other than sendrecv was refused', 'feature-lacking')
    expect('listens', listens ?? 'refused').toBeOneOf(['sendonly', 'inactive', 'refused'])
    expect('neither', neither ?? 'refused').toBeOneOf(['inactive', 'refused'])
    expect('speaks', speaks ?? 'refused').toBeOneOf(['recvonly', 'inactive', 'refused'])
  },
})
