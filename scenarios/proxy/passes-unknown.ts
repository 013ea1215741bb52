import { must, onlyForProxies, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'proxy/passes-unknown',
  title: 'Unknown header fields, parameters, methods and bodies pass the proxy untouched',
  area: 'proxy',
  purposes: ['PRX-PASS'],
  rules: {
    headers: must(
      'RFC 3261 §16.6',
      'header fields that do not concern the proxy are kept as they are, in their order',
      {
        gravity: 'harm',
        harm: 'Unknown header fields are removed or changed. Ringing patterns and door openers do not work.',
      },
    ),
    parameters: must('RFC 3261 §16.6', 'unknown parameters of From, To and Contact are kept as they are', {
      gravity: 'letter',
      harm: 'Unknown parameters of From, To or Contact are removed or changed.',
    }),
    method: must('RFC 3261 §16.3', 'a request is not refused because its method is unknown', {
      gravity: 'letter',
      harm: 'Requests with an unknown method are not passed on.',
    }),
    body: whereReached(
      must('RFC 3261 §16.6', 'the body of a request is not changed', {
        gravity: 'letter',
        harm: 'Bodies of unknown requests are changed on their way.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp'],
  seconds: 16,
  reliesOn: 'call',
  harm: 'What the proxy does not know does not pass it untouched.',
  advice: 'Look at what the proxy, or a session border controller in front of it, removes or refuses.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const call = await alice.invites(bob, {
      from: `<${alice.aor}>;x-desk=7`,
      headers: {
        'X-Ringproof-Note': 'first thing; with=parameter, "and a quoted, one"',
        'Ringproof-List': ['one', 'two, three'],
      },
      edit: (request) => {
        request.headers.set('Contact', `${request.headers.get('Contact')};x-shelf="a b"`)
        return request
      },
    })
    const invite = await bob.hears('INVITE').next(8_000)
    await within(call.ended, 4_000)
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, invite)
    precondition(invite, 'the call did not arrive', 'call-not-arrived')
    const of = (name: string) => invite.message.headers.all(name)
    expect('headers', [of('X-Ringproof-Note'), of('Ringproof-List').join(', ')], { seen: invite }).toEqual([
      ['first thing; with=parameter, "and a quoted, one"'],
      'one, two, three',
    ])
    expect('parameters', [parameter(of('From'), 'x-desk'), parameter(of('Contact'), 'x-shelf')], {
      seen: invite,
    }).toEqual(['7', 'a b'])
    const body = 'one\r\n\r\ntwo\u0000three \u00e4'
    const exchange = await within(
      alice.sends('RINGPROOF', `sip:${bob.number}@${alice.domain}`, { body, contentType: 'text/plain' }),
      8_000,
    )
    precondition(exchange?.status !== 407 && exchange?.status !== 401, 'the log-in was refused', 'login-refused')
    const strange = bob.hears('RINGPROOF').first
    const refusal = alice.hears(undefined, { to: 'RINGPROOF' }).last
    expect('method', strange?.message.headers.get('CSeq') ?? null, { seen: strange ?? refusal }).toBePresent()
    if (strange) expect('body', strange.message.body.toString('utf8'), { seen: strange }).toBe(body)
  },
})

/** A parameter of a header field without its quotes; the field as it is where the parameter cannot be read in it. */
function parameter([value = 'none']: string[], name: string): string {
  const [, quoted, token] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;",]+))\\s*(?:;|$)`, 'i').exec(value) ?? []
  return quoted ?? token ?? value
}
