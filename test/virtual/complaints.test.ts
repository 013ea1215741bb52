/**
 * What customers ring the support line about, each planted at the place where a real provider goes wrong: the first card of the report says it
 * in a customer's words. `npm test` runs what is recorded to notice the fault, and the survey; `npm run trust` all scenarios.
 */
import { expect, it } from 'vitest'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { whoNotices } from '../../src/report/finding-view.js'
import { problemsOf } from '../../src/result/problems.js'
import { concludedWith } from './cards.js'
import { allScenarios, inFirstVariant, recorded } from './detection.js'
import { isWhole } from './share.js'

const COMPLAINTS: readonly (readonly [complaint: string, fault: FaultName, told: RegExp])[] = [
  [
    'phones flip between registered and not',
    'displacing-keeps-time',
    /^Telephones flip between registered and not: .* miss calls for up to \d+ s/,
  ],
  ['one-way audio', 'relay-one-way', /^No audio: the caller does not hear the callee/],
  [
    'calls drop after 32 s',
    'ack-to-inside-address',
    /^Calls to customers behind a router are cut off 32 s after they were answered: the ACK does not arrive/,
  ],
  [
    'calls drop after 32 s',
    'record-route-unreachable',
    /^The ACK of the caller does not reach the callee: calls drop after 32 s/,
  ],
  [
    'calls drop after 15 minutes',
    'session-refresh-refused',
    /^Long calls are cut off after \d+ s, when their session timer runs out/,
  ],
  [
    'calls drop after 30 minutes',
    'calls-end-after-half-hour',
    /^Calls are cut off after 30 minutes, and nobody has hung up/,
  ],
  [
    'nobody can call me after a minute',
    'flows-forgotten',
    /^Nobody can call a telephone \d+ s after it last sent something over UDP/,
  ],
  [
    'nobody can call me after a minute',
    'nat-binding-forgotten',
    /^Customers behind a router cannot be called after \d+ s without calls.* Keep-alives do not help/,
  ],
  ['calls ring on after hanging up', 'cancel-late', /^Telephones go on ringing after the caller has hung up/],
  ['calls ring on after hanging up', 'cancel-not-forwarded', /^Telephones go on ringing after the caller has hung up/],
  ['no sound before the answer', 'early-media-not-led', /No sound before the answer/],
  ['keys do not work in menus', 'menu-deaf-to-events', /^Customers cannot use voice menus, .* key presses are lost/],
  ['transfer loses the caller', 'refer-swallowed', /^A transfer loses the caller/],
  ['transfer loses the caller', 'transfer-ends-with-transferor', /^A transfer loses the caller/],
  ['after hold there is silence', 'hold-never-ends', /^After a hold there is silence/],
  [
    'a withheld number is shown',
    'privacy-lost-when-diverted',
    /^A withheld number is shown to whoever takes the diverted call/,
  ],
  [
    'fax fails',
    'fax-past-the-relay',
    /^Fax fails: the change to fax \(T\.38\) is agreed on, and its data does not reach the called side/,
  ],
  ['fax fails', 'refused-fax-ends-call', /^Fax fails: a call is cut off when one side offers fax/],
  ['a wrong number is shown', 'main-number-shown', /^Customers call under a wrong number/],
  ['the mailbox light is wrong', 'mwi-not-sent', /^The mailbox light is wrong: it stays dark although a message waits/],
  ['a busy lamp is wrong', 'lamp-lit-after-cancel', /^Busy lamps stay on after a caller has given up/],
  [
    'calls show as missed though answered',
    'completed-elsewhere-untold',
    /^Telephones show calls as missed that were answered at another telephone/,
  ],
  ['calls ring twice', 'diverted-rings-on', /diverted calls go on ringing the old telephone, too/],
  [
    'encrypted calls are silent',
    'dtls-nobody-begins',
    /^Encrypted calls are silent: they are answered, and no DTLS handshake follows/,
  ],
]

const all = inFirstVariant(await allScenarios())

it.each(COMPLAINTS)('%s (%s)', async (_complaint, fault, told) => {
  const scenarios = all.filter(({ definition }) => isWhole || recorded[definition.id]?.includes(fault) === true)
  const { findings } = await concludedWith(scenarios, [fault])
  const [first] = problemsOf(findings)
  expect(first && `${first.title}. ${whoNotices(first)}`).toMatch(told)
})
