import { finding, loginTaken, must, precondition, scenario, whereReached } from 'ringproof'

/** What providers refuse requests other than calls with, whatever the method. */
const BY_POLICY = [403, 404, 503] as const

export default scenario({
  id: 'dialog/methods',
  title: 'A service number answers 405 or 501 to methods that it does not support',
  area: 'dialog',
  purposes: ['UA-405'],
  provider: ['SC-4'],
  rules: {
    known: finding(
      'RFC 3261 §8.2.1',
      'a method that is known but not supported here is answered 405, or refused by policy',
      {
        gravity: 'letter',
      },
    ),
    unknown: finding('RFC 3261 §21.5.2', 'an unknown method is answered 501, or refused by policy', {
      gravity: 'letter',
    }),
    allow: whereReached(
      must('RFC 3261 §8.2.1', 'a 405 lists the supported methods in Allow', {
        gravity: 'letter',
        harm: 'Devices are told that a method is not supported, but not which ones are: the 405 has no Allow.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 16,
  harm: 'Devices cannot tell from the answer that a method is not supported, and may try it again and again.',
  advice:
    'Look at the answers of the service to methods other than INVITE. Some providers reject such requests by policy, with 403 or 404.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const uri = `sip:${services.echo}@${alice.domain}`
    const contact = `<${alice.contactUri}>`
    const known = await within(
      alice.sends('SUBSCRIBE', uri, { headers: { Event: 'presence', Expires: '60', Contact: contact } }),
      6_000,
    )
    const unknown = await within(alice.sends('RINGPROOF', uri), 6_000)
    precondition(known?.final ?? unknown?.final, 'neither request was answered', 'no-answer')
    loginTaken(known?.final)
    const answer = alice.hears(undefined, { to: 'SUBSCRIBE' }).last
    expect('known', known?.status ?? 'no answer', { seen: answer }).toBeOneOf([405, 489, ...BY_POLICY])
    const refusal = alice.hears(undefined, { to: 'RINGPROOF' }).last
    expect('unknown', unknown?.status ?? 'no answer', { seen: refusal }).toBeOneOf([501, ...BY_POLICY])
    for (const exchange of [known, unknown]) {
      if (exchange?.final?.status !== 405) continue
      expect('allow', exchange.final.headers.get('Allow') ?? null, { seen: answer, header: 'Allow' }).toBePresent()
    }
  },
})
