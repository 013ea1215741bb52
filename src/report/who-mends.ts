/** What follows from a finding for whoever decides: how urgent it is, who mends it, what customers can do until then. */
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import type { Step } from '../result/terms.js'
import { type Variant, variantsInWords, variantsOf } from '../result/variants.js'
import { heldOn } from './promises.js'

/** How urgent it is, in a sentence. */
export function urgency({ kind, severity, gravity }: Pick<Finding, 'kind' | 'severity' | 'gravity'>): string {
  if (kind === 'unsteady') return 'Run again before you decide: it failed once, and held when it was tried again.'
  if (kind === 'foreign-hands') return 'Run again with accounts that nobody else uses: this run could not tell.'
  if (kind === 'unexpected-pass') return 'Take it off the list of known deviations: it works now.'
  if (gravity === 'letter') return 'No haste: customers will hardly notice. Pass it on for the next update.'
  if (severity !== 'fail')
    return `Decide whether you can live with it: nothing that is mandatory is broken${gravity === 'exposure' ? ', and yet it can be abused' : ''}.`
  return URGENCY[gravity]
}

const URGENCY: Readonly<Record<Exclude<Finding['gravity'], 'letter'>, string>> = {
  outage: 'Do not go live with this. Where it is live, it is an outage: have it mended now.',
  exposure: 'Close it before you go live. Where it is live, those who answer for security should know today.',
  harm: 'Have it mended before the release, or tell customer service what customers will report.',
}

/** Who runs what an area of tests is about. */
const RUN_BY: Readonly<Record<string, string>> = {
  registrar: 'the registrar, where telephones log in',
  digest: 'the registrar and the SIP servers, where passwords are checked',
  flapping: 'the registrar, where telephones log in',
  dialog: 'the SIP servers, which set up and change calls',
  proxy: 'the SIP servers, which set up and change calls',
  retransmission: 'the SIP servers, which set up and change calls',
  tcp: 'the SIP servers, and what balances connections before them',
  tls: 'the SIP servers and their certificates',
  security: 'the SIP servers, and security',
  nat: 'the SIP servers that face customers’ routers',
  ipv6: 'the SIP servers and media relays on IPv6',
  media: 'the media relays, which carry the audio',
  srtp: 'the media relays and the encryption of audio',
  dtmf: 'the media relays and the voice menus',
  services: 'the services: mailbox, diversions, codes, wake-up calls',
  lamps: 'the lights of telephones: mailbox and busy lamps',
  dns: 'DNS, STUN and time servers',
}

const OF_STEP: Readonly<Record<Step, string>> = {
  register: 'registrar',
  call: 'proxy',
  talk: 'media',
  'hang up': 'proxy',
}

/** Whom to give it to; undefined where no area tells. */
export function whoMends({ scenarios, reach, kind }: Finding): string | undefined {
  if (kind === 'foreign-hands' || kind === 'unexpected-pass') return undefined
  const area = scenarios[0]?.scenario.split('/')[0] ?? ''
  if (area === 'load') return 'whoever plans the capacity of SIP servers and media relays'
  const run = RUN_BY[area] ?? (reach?.step === undefined ? undefined : RUN_BY[OF_STEP[reach.step]])
  return run === undefined ? undefined : `whoever runs ${run}`
}

/** On which lines it shows, in words. */
export function linesOf({ where, scenarios }: Finding): string {
  if (where !== undefined) return where.text
  const lines = variantsOf(scenarios.filter(({ transport }) => transport !== ''))
  if (lines.length === 0) return 'under load'
  return `on all that were tested for it: ${variantsInWords(lines)}`
}

/** Lines on which the same tests held, for customers to use meanwhile; undefined where there are none. */
export function meanwhile({ scenarios, gravity, kind }: Finding, result: RunResult): string | undefined {
  if (kind === 'unsteady' || gravity === 'exposure' || gravity === 'letter') return undefined
  const ids = new Set(scenarios.map(({ scenario }) => scenario))
  const same = result.scenarios.filter(({ id }) => ids.has(id))
  const broken = variantsOf(scenarios)
  const better = heldOn(same).filter((line) => !broken.some((one) => isSame(one, line)))
  if (better.length === 0) return undefined
  const inClear =
    broken.every(({ transport }) => transport === 'tls') && better.every(({ transport }) => transport !== 'tls')
  return `It works on ${variantsInWords(better)}${inClear ? ', where calls are not encrypted' : ''}.`
}

const isSame = (a: Variant, b: Variant): boolean => a.transport === b.transport && a.family === b.family
