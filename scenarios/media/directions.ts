import { must, outcomeOfOffer, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'media/directions',
  title: 'Who wants to listen only, or neither to listen nor to speak, is answered accordingly',
  area: 'media',
  purposes: ['OA-ANSWER'],
  provider: ['SC-4'],
  rules: {
    listens: must('RFC 3264 §6.1', 'a stream that is offered recvonly is answered sendonly or inactive', {
      gravity: 'letter',
    }),
    neither: must('RFC 3264 §6.1', 'a stream that is offered inactive is answered inactive', { gravity: 'letter' }),
    speaks: must('RFC 3264 §6.1', 'a stream that is offered sendonly is answered recvonly or inactive', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  harm: 'Paging, door stations and conferences get audio that they asked not to have, or none.',
  advice: 'Look at the direction attribute that services answer with.',
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
    precondition(listens ?? neither ?? speaks, 'every direction but sendrecv was refused')
    expect('listens', listens ?? 'refused').toBeOneOf(['sendonly', 'inactive', 'refused'])
    expect('neither', neither ?? 'refused').toBeOneOf(['inactive', 'refused'])
    expect('speaks', speaks ?? 'refused').toBeOneOf(['recvonly', 'inactive', 'refused'])
  },
})
