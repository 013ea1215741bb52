import { bindingOf, bindingsIn, finding, must, precondition, scenario, type Stage } from 'ringproof'

const rules = {
  notBefore: must('RFC 3261 §10.3', 'the binding is kept for as long as the registrar has told', {
    gravity: 'harm',
    harm: 'Telephones stop ringing before they renew their registration.',
  }),
  // Some keep it a minute longer on purpose, for refreshes that are under way.
  notAfter: finding('RFC 3261 §10.2.2', 'a binding that was not renewed ends when its time is over', {
    gravity: 'harm',
    harm: 'Callers are sent to telephones that were switched off, and hear nothing but ringing.',
  }),
}
const devices = { alice: {}, bob: {} }

/** After its end a binding may live on for so long (ms): registrars count in seconds. */
const GRACE_MS = 5_000

async function run({ alice, bob, expect, target, waits, within, clock }: Stage<typeof rules, typeof devices>) {
  alice.rings()
  alice.agent.automatic.refreshRegistration = false
  await bob.registers()
  const registered = await alice.registers({ expires: target.document.policy.registration?.minExpires ?? 60 })
  const since = clock.now()
  const granted = bindingOf(bindingsIn(registered.exchange.final), alice.agent.contactUri)?.expires
  precondition(granted !== undefined, 'the registrar did not tell for how long it keeps the binding')
  precondition(granted <= 130, `the shortest interval that the registrar grants is ${granted} s: too long to wait for`)
  const isRung = async () => {
    const { call, arrived } = await bob.tries(alice)
    await within(call.hangUp(), 4_000)
    return arrived
  }
  const soon = await isRung()
  precondition(soon, 'a call did not reach the device while it was freshly registered')
  await waits(Math.max(0, since + granted * 800 - clock.now()))
  const late = await isRung()
  expect('notBefore', late !== undefined, { seen: late }).toBeTrue('the device is called')
  await waits(Math.max(0, since + granted * 1000 + GRACE_MS - clock.now()))
  const after = await isRung()
  // That nothing came says something only where a call would have come.
  await alice.registers()
  precondition(await isRung(), 'calls did not reach the device any more even after it had registered again')
  expect('notAfter', after === undefined, { seen: after }).toBeTrue('the device is not called any more')
}

const about = {
  title: 'A registration lasts as long as the registrar has told, and no longer',
  area: 'registrar',
  purposes: ['REG-EXPIRE', 'REG-GRANT'],
  rules,
  devices,
  harm: 'Telephones stop ringing before they renew their registration; or callers are sent to telephones that were switched off, and hear nothing but ringing.',
  advice:
    'Compare the time in the registrar’s answer with how long it keeps the binding: caches and several registrar nodes with clocks of their own disagree first.',
  run,
} as const

export default [
  // What can be told within half a minute …
  scenario({ ...about, id: 'registrar/binding-ends', needs: ['brief-registration'], seconds: 36 }),
  // … and where the shortest interval is longer.
  scenario({ ...about, id: 'registrar/long-binding-ends', transports: ['udp', 'tcp', 'tls'], seconds: 160 }),
]
