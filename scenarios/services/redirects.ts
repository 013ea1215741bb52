import {
  callerIdentity,
  type Device,
  finding,
  isAnonymous,
  isOf,
  loginTaken,
  must,
  owed,
  precondition,
  scenario,
} from 'ringproof'

/** So many INVITEs to the two telephones show a circle that was not noticed. */
const MOST_INVITES = 12
const PATIENCE_MS = 15_000

export default [
  scenario({
    id: 'services/redirect-circle',
    title: 'A call to two telephones that send calls to each other (302) ends soon',
    area: 'services',
    purposes: ['SPIRAL'],
    rules: {
      ends: must(
        'RFC 3261 §16.7',
        'a call that telephones send to each other by 302 is rejected, or rings in the end',
        {
          gravity: 'harm',
        },
      ),
      bounded: finding(
        'RFC 3261 §16.5',
        'each telephone of a circle of 302 is called a few times, not once for each time round',
        { gravity: 'harm' },
      ),
    },
    devices: { alice: {}, bob: {}, carol: {} },
    reliesOn: 'call',
    seconds: 34,
    harm: 'A call to two customers whose telephones divert to each other goes round without end, and loads the servers.',
    advice:
      'A target that was tried is not tried again (RFC 3261 §16.5); count the diversions of a call, and reject it at a limit.',
    async run({ alice, bob, carol, expect, within, waits, clock, note }) {
      for (const device of [alice, bob, carol]) await device.registers()
      bob.redirects(carol)
      carol.redirects(bob)
      const since = clock.now()
      const rung = () => bob.hears('INVITE', { since }).count + carol.hears('INVITE', { since }).count
      const call = await alice.invites(bob)
      for (let waited = 0; waited < PATIENCE_MS && call.final === undefined && rung() <= MOST_INVITES; waited += 250)
        await waits(250)
      const { final } = call
      const invites = rung()
      const seen = alice.hears(undefined, { callId: call.id }).last
      await within(call.hangUp(), 4_000)
      loginTaken(final)
      precondition(bob.says(302).count > 0, 'the call did not arrive at the called telephone', 'call-not-arrived')
      if (carol.hears('INVITE', { since }).count === 0) note('the target does not follow a 302')
      expect('ends', final?.status ?? `no answer, ${invites} INVITEs`, { seen }).toSatisfy(
        'a rejection',
        () => final !== undefined,
      )
      expect('bounded', invites, { seen }).toBeWithin(1, MOST_INVITES, 'INVITEs')
    },
  }),
  scenario({
    id: 'services/redirect-to-code',
    title: "The called telephone cannot switch the caller's services by a 302 to a code",
    area: 'services',
    purposes: ['REDIR'],
    provider: ['SC-7'],
    rules: {
      untouched: owed(
        'security',
        "a 302 of the called telephone to a service code changes nothing of the caller's account",
        {
          gravity: 'exposure',
        },
      ),
    },
    devices: { alice: {}, bob: {}, carol: {} },
    reliesOn: 'call',
    needs: ['codes:callerId'],
    seconds: 34,
    harm: 'Whoever is called can switch services of the caller, such as diversions or caller ID, and let the caller dial numbers at a price.',
    advice:
      'Where a 302 is followed, the new target must be looked up as if the diverting account had dialled it, and service codes must be left out.',
    async run({ alice, bob, carol, services, expect, within, clock, note }) {
      const code = services.codes.callerId ?? ''
      for (const device of [alice, bob, carol]) await device.registers()
      carol.rejects(486)
      const isShown = async (device: Device) => {
        const heard = carol.hears('INVITE', { since: clock.now() })
        const call = await device.invites(carol)
        const reached = await heard.reaches(1, 6_000)
        loginTaken(await within(call.answered, 4_000))
        await within(call.hangUp(), 4_000)
        precondition(reached, 'the call did not arrive at the called telephone', 'call-not-arrived')
        const { shown } = heard.last === undefined ? {} : callerIdentity(heard.last.message)
        return shown !== undefined && !isAnonymous(shown) && isOf(device.account, shown)
      }
      const before = await isShown(alice)
      const ofCallee = await isShown(bob)
      bob.redirects(code)
      const since = clock.now()
      const call = await alice.invites(bob)
      // Whoever answers with 2xx is the code: nobody else takes calls here.
      alice.putsBackBy(code, call)
      const final = await within(call.answered, 8_000)
      const seen = alice.hears(undefined, { callId: call.id }).last
      await within(call.ended, 6_000)
      await within(call.hangUp(), 4_000)
      const isSent = bob.says(302, { since }).count > 0
      precondition(isSent, 'the call did not arrive at the called telephone', 'call-not-arrived')
      loginTaken(final)
      const after = await isShown(alice)
      if (after === before) alice.needNotPutBack(code)
      else alice.putsBackBy(code)
      // That it switches services of who answered with it is that customer's own doing.
      if ((await isShown(bob)) !== ofCallee) {
        note('the code acts on the account whose telephone answered with it')
        bob.putsBackBy(code)
      }
      expect('untouched', after ? 'shown' : 'hidden', { seen }).toBe(before ? 'shown' : 'hidden')
    },
  }),
]
