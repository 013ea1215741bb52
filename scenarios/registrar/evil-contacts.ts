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
    title: 'A customer cannot make the provider send calls to a machine that is not the customer’s',
    area: 'registrar',
    purposes: ['REG-EVIL'],
    rules: {
      unused: finding('RFC 3261 §26.1.5', 'a contact on another host than the one that registered it is not sent to', {
        gravity: 'letter',
      }),
    },
    devices: { mallory: {}, caller: {} },
    seconds: 16,
    harm: 'Whoever has one account can have the provider’s servers send traffic to any address, again and again: complaints come to the provider.',
    advice:
      'Let the registrar keep the address that a registration came from and send calls there, or refuse contacts elsewhere.',
    async run({ mallory, caller, expect, within, clock }) {
      await caller.registers()
      const victim = await mallory.bindsSocket('stranger')
      const uri = `sip:victim@${formatEndpoint(victim.local)}`
      const asked = await mallory.asksRegistrar({ contacts: [`<${uri}>`], expires: 120 })
      precondition(asked.final, 'the registration got no answer')
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
      precondition(rightly.arrived, 'the account is not called at its own address either')
      expect('unused', hits.count, { seen: hits.first }).toBe(0)
    },
  }),
  scenario({
    id: 'registrar/contact-of-provider',
    title: 'A contact that leads back to the provider is not taken, or does no harm',
    area: 'registrar',
    purposes: ['REG-EVIL'],
    rules: {
      refused: finding('RFC 3261 §26.1.5', 'an account’s own address is not stored as its contact', {
        gravity: 'letter',
      }),
      ends: whereReached(
        finding('RFC 3261 §26.1.5', 'a call to such an account comes to an end', { gravity: 'letter' }),
      ),
    },
    devices: { mallory: {}, caller: {} },
    seconds: 18,
    harm: 'One registration makes calls run in circles inside the provider: its servers slow down for everybody.',
    advice: 'Let the registrar refuse contacts that name its own domain or addresses.',
    async run({ mallory, caller, expect, within }) {
      await caller.registers()
      const own = await mallory.registers()
      precondition(own.contacts.length > 0, 'the registrar does not list the binding that it has made')
      await mallory.clearsBindings()
      const asked = await mallory.asksRegistrar({ contacts: [`<${mallory.aor}>`], expires: 120 })
      if (!asked.final) inconclusive('the registration got no answer')
      loginTaken(asked.final)
      const seen = mallory.hears(undefined, { to: 'REGISTER' }).last
      // Where the registrar puts the address in that the request came from, it leads to the device.
      const here = [mallory.agent.account.domain, mallory.hop.remote.address].map((host) => host.toLowerCase())
      const stored = bindingsIn(asked.final).find(({ uri }) => here.includes(hostOf(uri)))
      expect('refused', stored?.uri, { seen, header: 'Contact' }).toBeAbsent()
      if (stored) {
        const call = await caller.invites(mallory)
        const final = await within(call.answered, 12_000)
        expect('ends', final?.status).toBePresent()
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
