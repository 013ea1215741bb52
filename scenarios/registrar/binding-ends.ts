import { bindingOf, bindingsIn, finding, owed, precondition, scenario, type Stage } from 'ringproof'

const rules = {
  // The section has the registrar tell the time; that it keeps its word is not said, and owed.
  notBefore: owed('RFC 3261 §10.3', 'the binding is kept for the granted time', {
    gravity: 'outage',
    cause: 'binding-ends-early',
    harm: 'Telephones cannot be called until they register again: bindings end before the granted time.',
  }),
  // Some keep it a minute longer on purpose, for refreshes that are under way.
  notAfter: finding('RFC 3261 §10.2.2', 'a binding that is not renewed ends when its time is over', {
    gravity: 'harm',
    cause: 'binding-outlives',
    harm: 'Registrations outlive the granted time: calls to telephones that were switched off ring nowhere.',
  }),
}
const devices = { alice: {}, bob: {} }

/** After its end a binding may live on for so long (ms): registrars count in seconds. */
const GRACE_MS = 5_000

/** NATs keep a way open for 30 s at least (RFC 4787 §4.3 has two minutes, and many do not obey). */
const KEEP_ALIVE_MS = 20_000

async function run({ alice, bob, expect, target, waits, within, clock }: Stage<typeof rules, typeof devices>) {
  alice.rings()
  alice.stopsRefreshing()
  await bob.registers()
  const registered = await alice.registers({ expires: target.document.policy.registration?.minExpires ?? 60 })
  const since = clock.now()
  const granted = bindingOf(bindingsIn(registered.exchange.final), alice.contactUri)?.expires
  precondition(granted !== undefined, 'the registrar did not say how long it keeps the binding')
  precondition(granted <= 130, `the registrar grants ${granted} s at least: too long to wait for`)
  const isRung = async () => {
    const { call, arrived } = await bob.tries(alice)
    await within(call.hangUp(), 4_000)
    return arrived
  }
  const soon = await isRung()
  precondition(soon, 'a call did not arrive right after the registration', 'call-not-arrived')
  const until = since + granted * 800
  // A NAT of ours may forget the way back sooner: what the device sends keeps it open, and no registration.
  while (clock.now() + KEEP_ALIVE_MS < until) {
    await waits(KEEP_ALIVE_MS)
    await within(alice.sends('OPTIONS', `sip:${alice.domain}`, { authenticate: false }), 1_000)
  }
  await waits(Math.max(0, until - clock.now()))
  const late = await isRung()
  expect('notBefore', late !== undefined, { seen: late }).toBeTrue('the device is called')
  await waits(Math.max(0, since + granted * 1000 + GRACE_MS - clock.now()))
  const after = await isRung()
  // That nothing came says something only where a call would have come.
  await alice.registers()
  precondition(await isRung(), 'no call arrived after the device had registered again', 'call-not-arrived')
  expect('notAfter', after === undefined, { seen: after }).toBeTrue('the device is not called any more')
}

const about = {
  title: 'A binding lasts as long as the registrar granted, and no longer',
  area: 'registrar',
  purposes: ['REG-EXPIRE', 'REG-GRANT'],
  rules,
  devices,
  reliesOn: 'call',
  step: 'register',
  harm: 'Bindings do not last as long as the registrar granted.',
  advice:
    'Compare the expires of the 200 with how long the server keeps the binding. Look at caches, at databases that registrars share, and at the clocks of several registrar nodes. Kamailio: expired records are removed every usrloc timer_interval.',
  run,
} as const

export default [
  // What can be told within half a minute …
  scenario({ ...about, id: 'registrar/binding-ends', needs: ['brief-registration'], seconds: 36 }),
  // … and where the shortest interval is longer.
  scenario({ ...about, id: 'registrar/long-binding-ends', transports: ['udp', 'tcp', 'tls'], seconds: 160 }),
]
