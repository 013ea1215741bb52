import { inconclusive, loginTaken, must, precondition, scenario } from 'ringproof'

/** Statuses about who is there, or about the server's state, not about the request. */
const NOT_ABOUT_THE_BODY = new Set([404, 408, 410, 480, 486, 503, 504, 600, 603, 604])

export default scenario({
  id: 'dialog/body-type',
  title: 'A call with a body of unknown type is rejected with 415 and the types that are understood',
  area: 'dialog',
  purposes: ['UA-415'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3261 §8.2.3', 'a body of unknown type is answered 415', { gravity: 'letter' }),
    accept: must('RFC 3261 §8.2.3', 'the rejection lists in Accept the types of body that are understood', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  seconds: 12,
  fitForLoad: true,
  harm: 'Devices that send a body which is not understood are not told what to send instead.',
  advice: 'Look at how the service that answers treats an unknown Content-Type: 415 with Accept is right.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      sdp: false,
      body: 'what is this?',
      contentType: 'application/x-ringproof',
    })
    const final = await within(call.answered, 8_000)
    loginTaken(final)
    precondition(final, 'the call got no final response', 'no-answer')
    if (NOT_ABOUT_THE_BODY.has(final.status))
      inconclusive(`the call was rejected with ${final.status}, which is not about its body`, 'call-refused')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final.status, { seen: answer }).toBe(415)
    expect('accept', final.headers.get('Accept') ?? null, { seen: answer, header: 'Accept' }).toBePresent()
    await within(call.hangUp(), 4_000)
  },
})
