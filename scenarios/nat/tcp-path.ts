import { promised, scenario } from 'ringproof'

export default scenario({
  id: 'nat/tcp-path',
  title: 'A device behind NAT on TCP or TLS is reached over its connection, without keep-alives',
  area: 'nat',
  purposes: ['NAT-KEEP', 'TR-REUSE'],
  provider: ['BH-3', 'BH-9'],
  rules: {
    reached: promised('BH-3', 'a call arrives over the connection that the device opened, also after an idle while', {
      gravity: 'letter',
    }),
    sameConnection: promised('BH-3', 'no connection is opened towards a device that keeps its own open', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 4_000 }, audio: false }, bob: { audio: false } },
  transports: ['tcp', 'tls'],
  families: ['ipv4'],
  seconds: 26,
  harm: 'Customers behind a router were told that TCP helps, and cannot be called all the same.',
  advice: 'Look at whether the proxy uses the connection of the REGISTER for INVITEs, and how long it leaves it open.',
  async run({ alice, bob, expect, waits, within }) {
    const registered = await alice.registers()
    await bob.registers()
    alice.rejects(486)
    await waits(14_000)
    const { call, arrived } = await bob.tries(alice, 4_000)
    expect('reached', arrived !== undefined, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
    const own = registered.exchange.final && alice.hears(200, { to: 'REGISTER' }).last
    if (arrived) expect('sameConnection', arrived.connection, { seen: arrived }).toBe(own?.connection)
    else expect('sameConnection', 'no call').toBe('the connection of the registration')

    await within(call.ended, 2_000)
  },
})
