import {
  bindingsIn,
  finding,
  formatEndpoint,
  inconclusive,
  loginTaken,
  parseUri,
  precondition,
  scenario,
  whereReached,
} from 'ringproof'

export default [
  scenario({
    id: 'registrar/contact-of-third-party',
    title: 'Calls are not sent to a registered contact on somebody else’s machine',
    area: 'registrar',
    purposes: ['REG-EVIL'],
    rules: {
      unused: finding('RFC 3261 §26.1.5', 'a contact on another host than the one that registered it is not sent to', {
        gravity: 'exposure',
        // Where contacts are called as they are written, devices behind NAT cannot be called for the same reason.
        follows: ['nat-unreachable'],
      }),
    },
    devices: { mallory: {}, caller: {} },
    seconds: 16,
    reliesOn: 'call',
    harm: 'One account is enough to make the provider send traffic to any address on the Internet.',
    advice:
      'Let the registrar keep the source of the REGISTER and send calls there, or refuse contacts elsewhere. Kamailio: fix_nated_register() with received_avp. Asterisk: rewrite_contact=yes.',
    async run({ mallory, caller, expect, within, clock }) {
      await caller.registers()
      const victim = await mallory.bindsSocket('stranger')
      const uri = `sip:victim@${formatEndpoint(victim.local)}`
      const asked = await mallory.asksRegistrar({ contacts: [`<${uri}>`], expires: 120 })
      precondition(asked.final, 'the REGISTER got no answer', 'no-answer')
      loginTaken(asked.final)
      const since = clock.now()
      if (asked.final.status < 300) {
        const call = await caller.invites(mallory)
        loginTaken(await within(call.answered, 3_000))
        await within(call.hangUp(), 3_000)
      }
      const hits = mallory.hears(undefined, { since, where: ({ local }) => local.port === victim.local.port })
      if (asked.final.status < 300) await mallory.clearsBindings()
      // Registered as it should be the account is called: else the silence says nothing.
      await mallory.registers()
      const rightly = await caller.tries(mallory)
      await within(rightly.call.hangUp(), 3_000)
      precondition(rightly.arrived, 'no call arrives at the account’s own address either', 'call-not-arrived')
      expect('unused', hits.count, { seen: hits.first }).toBe(0, 'request to the other machine')
    },
  }),
  scenario({
    id: 'registrar/contact-of-provider',
    title: 'A contact that leads back to the provider is not stored, and calls to it end',
    area: 'registrar',
    purposes: ['REG-EVIL'],
    rules: {
      refused: finding('RFC 3261 §26.1.5', 'an account’s own address is not stored as its contact', {
        gravity: 'letter',
        harm: 'The registrar stores a contact that leads back to the provider itself.',
      }),
      ends: whereReached(
        finding('RFC 3261 §26.1.5', 'a call to such an account comes to an end', {
          gravity: 'exposure',
          harm: 'One registration makes calls run in circles inside the provider.',
        }),
      ),
    },
    devices: { mallory: {}, caller: {} },
    seconds: 18,
    provokesBans: true,
    harm: 'The registrar stores a contact that leads back to the provider itself.',
    advice: 'Let the registrar refuse contacts that name its own domains or addresses.',
    async run({ mallory, caller, expect, within }) {
      await caller.registers()
      const own = await mallory.registers()
      precondition(own.contacts.length > 0, 'the registrar does not list the new binding')
      await mallory.clearsBindings()
      const asked = await mallory.asksRegistrar({ contacts: [`<${mallory.aor}>`], expires: 120 })
      if (!asked.final) inconclusive('the REGISTER got no answer', 'no-answer')
      loginTaken(asked.final)
      const seen = mallory.hears(undefined, { to: 'REGISTER' }).last
      // Where the registrar puts the address in that the request came from, it leads to the device.
      const here = [mallory.domain, mallory.hop.remote.address].map((host) => host.toLowerCase())
      const stored = bindingsIn(asked.final).find(({ uri }) => here.includes(hostOf(uri)))
      expect('refused', stored?.uri ?? null, { seen, header: 'Contact' }).toBeAbsent()
      if (stored) {
        const call = await caller.invites(mallory)
        const final = await within(call.answered, 12_000)
        expect('ends', final?.status ?? null).toBePresent()
        await within(call.hangUp(), 3_000)
      }
      if (asked.final.status < 300) await mallory.clearsBindings()
    },
  }),
]

function hostOf(uri: string): string {
  try {
    return parseUri(uri).host.toLowerCase()
  } catch {
    return ''
  }
}
