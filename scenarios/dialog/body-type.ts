import { inconclusive, must, precondition, scenario } from 'ringproof'

/** Statuses that say who is there, or what works, and nothing of the request. */
const NOT_ABOUT_THE_BODY = new Set([404, 408, 410, 480, 486, 503, 504, 600, 603, 604])

export default scenario({
  id: 'dialog/body-type',
  title: 'A call with a body that nobody can read is refused with what can be read',
  area: 'dialog',
  purposes: ['UA-415'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3261 §8.2.3', 'a body of unknown type is answered 415', { gravity: 'letter' }),
    accept: must('RFC 3261 §8.2.3', 'the refusal lists in Accept the types of body that are understood', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  seconds: 12,
  harm: 'Devices cannot find out how to ask instead, and their calls fail without a reason that anybody can see.',
  advice: 'Look at how the answering side reads Content-Type.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      sdp: false,
      body: 'what is this?',
      contentType: 'application/x-ringproof',
    })
    const final = await within(call.answered, 8_000)
    precondition(final && final.status !== 401 && final.status !== 407, 'the call got no final answer')
    if (NOT_ABOUT_THE_BODY.has(final.status))
      inconclusive(`the call was answered ${final.status}, which tells nothing of its body`)
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final.status, { seen: answer }).toBe(415)
    expect('accept', final.headers.get('Accept'), { seen: answer, header: 'Accept' }).toBePresent()
    await within(call.hangUp(), 4_000)
  },
})
