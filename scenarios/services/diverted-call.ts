import {
  callerIdentity,
  type DeviceOptions,
  fieldsNaming,
  finding,
  isAnonymous,
  isOf,
  loginTaken,
  must,
  precondition,
  scenario,
  type SipSighting,
  type Stage,
  usersIn,
  whereReached,
} from 'ringproof'

/** What a call shows that arrives elsewhere than it was dialled, whoever sent it there. */
const shownRules = {
  caller: whereReached(
    finding('RFC 3325 §5', 'a diverted call shows the number of who calls, not of who diverts', {
      gravity: 'harm',
      cause: 'caller-shown-wrong',
      harm: 'Whoever takes a diverted call sees the number of the one who diverts: it cannot be seen who is calling, or called back.',
    }),
  ),
  diverter: whereReached(
    must('RFC 5806 §3.1', 'Diversion names the number that was called before the diversion', {
      gravity: 'harm',
      cause: 'diverter-misnamed',
      harm: 'Whoever takes a diverted call is told a wrong number as the one that was called: switchboards greet wrongly, mailboxes of the wrong customer answer.',
    }),
  ),
  history: whereReached(
    must('RFC 7044 §9.2', 'History-Info lists who was called, not who calls', {
      gravity: 'harm',
      cause: 'diverter-misnamed',
      harm: 'History-Info of a diverted call names the caller as one who was called.',
    }),
  ),
  withheld: must('RFC 3325 §7', 'with Privacy: id no P-Asserted-Identity of the caller goes on with a diverted call', {
    gravity: 'exposure',
    follows: ['diverter-misnamed'],
    cause: 'privacy-broken',
    harm: 'A withheld number is shown to whoever takes the diverted call.',
  }),
  nowhere: finding('RFC 3323 §5', 'a diverted call with Privacy: id names its caller in no header field', {
    gravity: 'exposure',
    follows: ['diverter-misnamed'],
    cause: 'privacy-broken',
    harm: 'A withheld number can be read from {field|a header field} of a diverted call.',
  }),
}

type Rules = typeof shownRules
type Devices = Readonly<Record<'alice' | 'bob' | 'carol', DeviceOptions>>
type Tools = Pick<
  Stage<Rules, Devices>,
  'alice' | 'bob' | 'carol' | 'expect' | 'within' | 'waits' | 'clock' | 'figure' | 'note'
>

const PRIVATE = '"Anonymous" <sip:anonymous@anonymous.invalid>'

interface Wish {
  readonly isPrivate: boolean
  /** Whether a call that rings bob is not diverted any more. */
  readonly ringsWhereDialled: boolean
}

/** Calls bob; what reaches carol, and what the caller was told. */
async function callsBob({ alice, bob, carol, within, waits, clock }: Tools, { isPrivate, ringsWhereDialled }: Wish) {
  const heard = carol.hears('INVITE', { since: clock.now() })
  const call = await alice.invites(
    bob,
    isPrivate ? { from: PRIVATE, headers: { Privacy: 'id', Contact: `<${alice.contactAs('anonymous')}>` } } : {},
  )
  const here = bob.hears('INVITE', { since: clock.now() })
  const decided = [heard.reaches(1, 8_000), call.answered]
  await Promise.race(ringsWhereDialled ? [...decided, here.reaches(1, 8_000)] : decided)
  await waits(200)
  const { final } = call
  loginTaken(final)
  await within(call.hangUp(), 4_000)
  return { seen: heard.first, final, told: alice.hears(undefined, { callId: call.id }).last }
}

/** Judges what the telephone sees that a diverted call reaches. */
function judgesShown({ alice, bob, expect, note }: Tools, seen: SipSighting): void {
  const { shown } = callerIdentity(seen.message)
  if (shown !== undefined && !isAnonymous(shown)) {
    expect('caller', shown, { seen, header: 'From' }).toSatisfy(`a number of ${alice.account.user}`, (number) =>
      isOf(alice.account, number),
    )
  }
  const [diverter] = usersIn(seen.message, 'Diversion')
  if (diverter !== undefined) {
    expect('diverter', diverter, { seen, header: 'Diversion' }).toSatisfy(
      `a number of ${bob.account.user}, or nobody's`,
      (number) => isAnonymous(number) || isOf(bob.account, number),
    )
  }
  const history = usersIn(seen.message, 'History-Info')
  if (history.length > 0) {
    const callers = history.filter((number) => isOf(alice.account, number) && !isOf(bob.account, number))
    expect('history', callers, { seen, header: 'History-Info' }).toBeEmpty()
  }
  if (diverter === undefined && history.length === 0)
    note('the telephone that the call reaches is not told that it was diverted: neither Diversion nor History-Info')
}

/** Judges whether a diverted call keeps its caller's number back. */
function judgesWithheld({ alice, expect, figure }: Tools, seen: SipSighting): void {
  // Who diverts may be asserted as who pays for the second leg: that reveals nothing of the caller.
  const asserted = callerIdentity(seen.message).asserted.filter((number) => isOf(alice.account, number))
  expect('withheld', asserted, { seen, header: 'P-Asserted-Identity' }).toBeEmpty()
  const fields = fieldsNaming(alice.account, seen.message).flatMap(([name]) =>
    name === 'P-Asserted-Identity' ? [] : [name],
  )
  if (fields[0] !== undefined) figure('field', fields[0])
  expect('nowhere', fields, { seen, header: fields[0] ?? 'From' }).toBeEmpty()
}

export default [
  scenario({
    id: 'services/diverted-caller',
    title: 'A call that is diverted by code shows its caller, and keeps a withheld number back',
    area: 'services',
    purposes: ['DIV-CALLER'],
    provider: ['SC-14', 'SC-7'],
    rules: shownRules,
    devices: { alice: {}, bob: {}, carol: { isDivertedTo: true } },
    reliesOn: 'call',
    needs: ['codes:divertAll', 'diversion'],
    seconds: 34,
    harm: 'Whoever takes diverted calls sees a wrong number, or one that was withheld.',
    advice:
      'Look at From, P-Asserted-Identity, Diversion and History-Info of the INVITE at the telephone that diversions lead to. The second leg must keep the caller, and the Privacy, of the first.',
    async run(stage) {
      const { alice, bob, carol, services } = stage
      for (const device of [alice, bob, carol]) await device.registers()
      bob.rings()
      carol.rings()
      // The diversion may be on already.
      let diverted = await callsBob(stage, { isPrivate: false, ringsWhereDialled: true })
      if (diverted.seen === undefined) {
        await bob.switches(services.codes.divertAll ?? '')
        diverted = await callsBob(stage, { isPrivate: false, ringsWhereDialled: true })
      }
      precondition(diverted.seen, 'a call to the account that diverts is not diverted', 'not-reached')
      judgesShown(stage, diverted.seen)
      const withheld = await callsBob(stage, { isPrivate: true, ringsWhereDialled: true })
      precondition(withheld.seen, 'a call with a withheld number is not diverted', 'call-not-arrived')
      judgesWithheld(stage, withheld.seen)
    },
  }),
  scenario({
    id: 'services/redirected-caller',
    title:
      'A call that the called telephone sends elsewhere (302) arrives there, is refused, or goes back to the caller',
    area: 'services',
    purposes: ['REDIR'],
    rules: {
      ...shownRules,
      withheld: whereReached(shownRules.withheld),
      nowhere: whereReached(shownRules.nowhere),
      settled: must(
        'RFC 3261 §16.7',
        'the caller of a call that is answered with 302 gets a final response, or is put through',
        {
          gravity: 'harm',
          harm: 'Callers of a telephone with a diversion of its own hear nothing until they give up.',
        },
      ),
      kept: whereReached(
        finding(
          'RFC 3261 §16.7',
          'a 302 of the called telephone is followed or refused for the caller, not passed to the caller',
          {
            gravity: 'harm',
            cause: 'redirect-passed',
            harm: 'A diversion that is set in the telephone sends the caller to another number: the caller pays for that call without having dialled it, or it fails.',
          },
        ),
      ),
    },
    devices: { alice: {}, bob: {}, carol: {} },
    reliesOn: 'call',
    seconds: 34,
    harm: 'Diversions that customers set in their telephone do not work as they expect.',
    advice:
      'Look what becomes of the 302. Where it is followed, the diverting account should pay, and the caller be shown as before; where it is not, a refusal such as 480 is better than the 302 itself.',
    async run(stage) {
      const { alice, bob, carol, expect, note } = stage
      for (const device of [alice, bob, carol]) await device.registers()
      bob.redirects(carol)
      carol.rings()
      const { seen, final, told } = await callsBob(stage, { isPrivate: false, ringsWhereDialled: false })
      precondition(bob.says(302).count > 0, 'the call did not arrive at the called telephone', 'call-not-arrived')
      expect('settled', final?.status ?? (seen === undefined ? 'no answer' : 'it rings elsewhere'), {
        seen: told,
      }).toSatisfy('a final response, or that it rings elsewhere', () => final !== undefined || seen !== undefined)
      const isPassed = final !== undefined && final.status >= 300 && final.status < 400
      if (seen === undefined && final === undefined) return
      expect('kept', final?.status ?? 'put through', { seen: told }).toSatisfy('no 3xx', () => !isPassed)
      if (seen === undefined) {
        if (!isPassed) note(`the target does not follow the 302: the caller gets ${final?.status ?? 'nothing'}`)
        return
      }
      judgesShown(stage, seen)
      const withheld = await callsBob(stage, { isPrivate: true, ringsWhereDialled: false })
      precondition(withheld.seen, 'a call with a withheld number is not sent elsewhere', 'call-not-arrived')
      judgesWithheld(stage, withheld.seen)
    },
  }),
]
