/**
 * What providers do that is right, or at least nobody's outage, and looks unusual: no scenario may fail them for it, and the
 * standing checks have nothing to say. What cannot be told any more is inconclusive.
 */
import { expect, it } from 'vitest'
import type { TargetDocument } from '../../src/target/target-file.js'
import { allScenarios } from './detection.js'
import { type Disguise, runDisguised } from './disguise.js'
import {
  asksAsProxy,
  asksBeside,
  bans,
  cutsTo,
  hidesOthers,
  inRow,
  isBackToBack,
  refusesRedirects,
  replacesContacts,
  rewritesContacts,
  takesNoncesOnce,
  talksMuch,
} from './middlebox.js'
import { shareOf } from './share.js'

const aboutSignalling = ['registrar', 'digest', 'flapping', 'security', 'proxy', 'services']
const scenarios = (await allScenarios()).filter(
  ({ definition: { area, seconds } }) => aboutSignalling.includes(area) && seconds <= 200,
)

const toAMinute = (granted: number) => Math.min(granted, 60)
const withoutIntervals = ({ policy, ...rest }: TargetDocument): TargetDocument => {
  const { registration: _unsaid, ...others } = policy
  return { ...rest, policy: others }
}
/** A tenth more or less, so that not all telephones come back at once. */
function spreads(most: number): () => ReturnType<typeof cutsTo> {
  let asked = 0
  return () => cutsTo((granted) => Math.round(Math.min(granted, most) * (0.9 + ((asked++ * 37) % 21) / 100)))
}

const UNREADABLE = ['inconclusive', 'warn'] as const
const cases: [what: string, disguise: Disguise, notPassed?: readonly string[]][] = [
  ['rewrites contacts', { box: rewritesContacts }, UNREADABLE],
  ['replaces contacts', { box: replacesContacts }, UNREADABLE],
  ['tells a device of its own contact only', { box: hidesOthers }],
  [
    'does so where both devices ring',
    { box: hidesOthers, options: { policy: { sharedCredentials: 'fork' } } },
    ['inconclusive'],
  ],
  ['refuses the second device', { options: { policy: { sharedCredentials: 'refuse' } } }],
  ['grants a minute at most', { box: () => cutsTo(toAMinute) }],
  ['spreads its intervals', { box: spreads(60) }],
  [
    'grants ten minutes at least, unasked',
    { box: () => cutsTo((granted) => Math.max(granted, 600)) },
    ['inconclusive'],
  ],
  ['grants an hour whatever is asked for', { box: () => cutsTo(() => 3600) }, UNREADABLE],
  [
    'refuses less than half an hour, and its file does not say so',
    { options: { policy: { minExpires: 1800 } }, says: withoutIntervals },
    ['inconclusive'],
  ],
  ['asks for registrations as a proxy', { box: asksAsProxy }],
  ['asks both as registrar and as a proxy before it', { box: asksBeside }],
  ['takes each nonce once', { box: takesNoncesOnce }],
  ['answers a wrong password with 403 and then not at all', { box: bans }],
  ['adds header fields, tells of waiting messages and pings', { box: talksMuch }],
  ['refuses what telephones send elsewhere, and shows numbers with +49', { box: refusesRedirects }],
  ['is a back-to-back user agent', { box: isBackToBack }, ['not applicable']],
  [
    'is a border controller that rewrites, hides and cuts',
    { box: () => inRow(rewritesContacts(), hidesOthers(), cutsTo(toAMinute)) },
    UNREADABLE,
  ],
]
/** Each scenario meets half of the disguises; `npm run trust` lets it meet all. */
const SHARE = 2

it.each(cases)('fails no provider that %s', async (what, disguise, notPassed = []) => {
  const { scenarios: told, notes } = await runDisguised(shareOf(SHARE, scenarios, what), disguise)
  const wrong = told.filter(({ verdict }) => verdict !== 'pass' && !notPassed.includes(verdict))
  expect(wrong.map(({ id, verdict, reason }) => `${id}: ${verdict}: ${reason}`)).toEqual([])
  expect(told.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(told.length / 2)
  expect(notes.filter(({ note }) => note.severity !== 'info')).toEqual([])
})
