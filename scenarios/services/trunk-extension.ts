import { isSameNumber, parseUri, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'services/trunk-extension',
  title: 'A trunk gets the extension that was dialled (DDI)',
  area: 'services',
  purposes: ['DDI'],
  provider: ['BH-12'],
  rules: {
    told: promised('BH-12', 'the INVITE to the trunk carries the number that was dialled', { gravity: 'harm' }),
  },
  devices: { trunk: { role: 'trunk' }, caller: {} },
  reliesOn: 'call',
  transports: ['udp', 'tcp', 'tls'],
  seconds: 10,
  harm: 'Calls to extensions of a trunk arrive at its switchboard: the dialled number is lost.',
  advice:
    'Look at Request-URI, To and P-Called-Party-ID of the INVITE at the trunk: one of them must carry the dialled number, and the PBX must read that one.',
  async run({ trunk, caller, expect, within, note }) {
    await trunk.registers()
    await caller.registers()
    const dialled = `${trunk.number}42`
    const call = await caller.invites(dialled)
    const final = await within(call.answered, 6_000)
    await within(call.hangUp(), 4_000)
    const seen = trunk.hears('INVITE').first
    precondition(
      seen?.message.kind === 'request',
      `the call did not arrive at the trunk: ${final?.status ?? 'no answer'}`,
      'call-not-arrived',
    )
    const { message } = seen
    const places = {
      'Request-URI': message.uri,
      To: message.headers.get('To'),
      'P-Called-Party-ID': message.headers.get('P-Called-Party-ID'),
    }
    const found = Object.entries(places).filter(([, value]) => isSameNumber(userOf(value ?? ''), dialled))
    if (found.length > 0) note(`the dialled number stands in ${found.map(([place]) => place).join(', ')}`)
    expect('told', found.map(([place]) => place).join(', ') || Object.values(places).join(' | '), {
      seen,
      header: 'To',
    }).toSatisfy(`${dialled} in Request-URI, To or P-Called-Party-ID`, () => found.length > 0)
  },
})

const userOf = (value: string): string => {
  const uri = /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0] ?? ''
  try {
    return parseUri(uri).userDecoded ?? ''
  } catch {
    return ''
  }
}
