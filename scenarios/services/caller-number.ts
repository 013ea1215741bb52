import {
  callerIdentity,
  type Device,
  finding,
  formsOf,
  isAnonymous,
  loginTaken,
  notApplicable,
  owed,
  precondition,
  type Rule,
  scenario,
  type SipSighting,
  type StageTools,
} from 'ringproof'

type Tools = Pick<StageTools<Readonly<Record<string, Rule>>>, 'within' | 'clock'>

/** Calls by number; the INVITE at the called telephone and what it shows, undefined where it does not arrive. */
async function calls({ within, clock }: Tools, caller: Device, number: string, callee: Device) {
  const heard = callee.hears('INVITE', { since: clock.now() })
  const call = await caller.invites(number)
  const arrived = await Promise.race([heard.reaches(1, 6_000), call.answered.then(() => false)])
  const final = arrived ? undefined : await within(call.answered, 2_000)
  await within(call.hangUp(), 4_000)
  loginTaken(final)
  const seen = heard.first
  return { seen, status: final?.status, shown: seen && shownIn(seen) }
}

const shownIn = ({ message }: SipSighting): string | undefined => {
  const { shown } = callerIdentity(message)
  return shown === undefined || isAnonymous(shown) ? undefined : shown
}

export default [
  scenario({
    id: 'services/call-back',
    title: 'The number that a called telephone is shown can be called back',
    area: 'services',
    purposes: ['CLIP'],
    rules: {
      back: owed('RFC 3325 §5', 'the number that is shown for a caller reaches that caller when it is dialled', {
        gravity: 'harm',
        cause: 'caller-shown-wrong',
        harm: 'Missed calls cannot be called back: the number shown, {shown|a wrong one}, does not reach who called.',
      }),
    },
    devices: { alice: {}, bob: {} },
    reliesOn: 'call',
    step: 'call',
    transports: ['udp', 'tls'],
    seconds: 26,
    harm: 'Telephones show a number that cannot be called back.',
    advice:
      'Look at P-Asserted-Identity and From of the INVITE at the called telephone: prefix, country code and + as they are dialled in this network.',
    async run({ alice, bob, expect, figure, ...tools }) {
      await alice.registers()
      await bob.registers()
      bob.rings()
      alice.rings()
      const { seen, shown, status } = await calls(tools, alice, bob.number, bob)
      precondition(
        seen,
        `the call did not arrive at the called telephone: ${status ?? 'no answer'}`,
        'call-not-arrived',
      )
      precondition(shown, 'the caller withholds the number')
      const back = await calls(tools, bob, shown, alice)
      if (back.seen === undefined) {
        figure('shown', shown)
        const usual = await calls(tools, bob, alice.number, alice)
        precondition(usual.seen, 'a call to the number of the caller does not arrive either', 'call-not-arrived')
      }
      expect('back', back.seen === undefined ? `${shown}: ${back.status ?? 'no answer'}` : shown, {
        seen,
        header: 'P-Asserted-Identity',
      }).toSatisfy('a number that reaches the caller', () => back.seen !== undefined)
    },
  }),
  scenario({
    id: 'services/number-forms',
    title: 'A number is reached nationally, with + and with 00, and the caller is shown the same way each time',
    area: 'services',
    purposes: ['CLIP'],
    rules: {
      understood: owed('services.countryCode', 'a number is reached in national form, with + and with 00', {
        gravity: 'harm',
        harm: 'Numbers from address books cannot be called: {form|one of their forms} is not understood.',
      }),
      dialable: owed('services.countryCode', 'the number shown for a caller is in a form that can be dialled', {
        gravity: 'harm',
        cause: 'caller-shown-wrong',
        harm: 'Telephones show {shown|a number} for a caller: it cannot be called back, and no address book knows it.',
      }),
      same: finding(
        'services.countryCode',
        'the number shown for a caller does not depend on how the called number was dialled',
        {
          gravity: 'harm',
          cause: 'caller-shown-wrong',
          harm: 'One caller is shown under several numbers: address books know one of them.',
        },
      ),
    },
    devices: { alice: {}, bob: {} },
    reliesOn: 'call',
    needs: ['country-code'],
    step: 'call',
    seconds: 30,
    harm: 'Numbers are understood, or shown, in some forms only.',
    advice:
      'Bring numbers to one form where calls come in, and show them in the form that this network dials. Look at P-Asserted-Identity and From at the called telephone.',
    async run({ alice, bob, services, expect, figure, ...tools }) {
      const { countryCode = '' } = services
      await alice.registers()
      await bob.registers()
      bob.rings()
      const forms = formsOf(bob.number, countryCode)
      if (forms.length < 2) notApplicable(`${bob.number} is a number of this network alone`)
      const told = []
      for (const form of forms) told.push({ form, ...(await calls(tools, alice, form, bob)) })
      const arrived = told.filter(({ seen }) => seen !== undefined)
      precondition(arrived.length > 0, 'no call arrived at the called telephone', 'call-not-arrived')
      const lost = told.filter(({ seen }) => seen === undefined)
      if (lost[0] !== undefined) figure('form', lost[0].form)
      expect(
        'understood',
        lost.map(({ form, status }) => `${form}: ${status ?? 'no answer'}`),
      ).toBeEmpty()
      const shown = [...new Set(arrived.flatMap((one) => one.shown ?? []))]
      precondition(shown.length > 0, 'the caller withholds the number')
      const { user, authUser = user, numbers } = alice.account
      const known = [user, authUser, ...numbers].flatMap((number) => formsOf(number, countryCode))
      const odd = shown.filter((number) => !known.includes(number))
      if (odd[0] !== undefined) figure('shown', odd[0])
      const pointer = { seen: arrived[0]?.seen, header: 'P-Asserted-Identity' }
      expect('dialable', odd, pointer).toBeEmpty()
      expect('same', shown.join(', '), pointer).toSatisfy('one form', () => shown.length === 1)
    },
  }),
]
