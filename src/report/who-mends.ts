/** What follows from a finding for whoever decides: how urgent it is, who mends it, what customers can do until then. */
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import type { Step } from '../result/terms.js'
import { type Variant, variantsInWords, variantsOf } from '../result/variants.js'
import { executionsOf } from './places.js'
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
  texts: 'the servers that pass text messages on',
}

/** What is broken tells more than which tests saw it. */
const OF_CAUSE: Readonly<Record<string, string>> = {
  'dns-dead-record': 'dns',
  'dns-address-missing': 'dns',
  'text-lost': 'texts',
  'text-changed': 'texts',
  'text-of-others': 'texts',
}

const OF_STEP: Readonly<Record<Step, string>> = {
  register: 'registrar',
  call: 'proxy',
  talk: 'media',
  'hang up': 'proxy',
}

/** Whom to give it to; undefined where no area tells. */
export function whoMends({ id, scenarios, reach, kind }: Finding): string | undefined {
  if (kind === 'foreign-hands' || kind === 'unexpected-pass') return undefined
  const area = scenarios[0]?.scenario.split('/')[0] ?? ''
  if (area === 'load') return 'whoever plans the capacity of SIP servers and media relays'
  // Vital signs without a step are those of services.
  const ofStep = reach?.step === undefined ? (area === 'survey' ? 'services' : '') : OF_STEP[reach.step]
  const run = RUN_BY[OF_CAUSE[id] ?? area] ?? RUN_BY[ofStep]
  return run === undefined ? undefined : `whoever runs ${run}`
}

/** On which lines it shows, in words; undefined where it is of no line. */
export function linesOf({ where, scenarios }: Finding): string | undefined {
  if (where !== undefined) return where.text
  const lines = variantsOf(scenarios.filter(({ transport }) => transport !== ''))
  if (lines.length > 0) return `on all that were tested for it: ${variantsInWords(lines)}`
  return scenarios.some(({ scenario }) => scenario.startsWith('load/')) ? 'under load' : undefined
}

/** Kinds that are about what one line does and another may not. */
const OF_A_LINE: ReadonlySet<Finding['kind']> = new Set(['vital-sign', 'rule', 'standing-check'])
/** What a line that customers are led to must not have. */
const AS_GRAVE: Readonly<Record<string, readonly Finding['gravity'][]>> = {
  outage: ['outage'],
  harm: ['outage', 'harm'],
}

/** Lines for customers to use meanwhile: all of the same tests were decided there and held, and nothing as grave is broken there. */
export function meanwhile({ scenarios, gravity, kind, severity }: Finding, result: RunResult): string | undefined {
  const asGrave = AS_GRAVE[gravity]
  if (!OF_A_LINE.has(kind) || severity !== 'fail' || asGrave === undefined) return undefined
  const ids = new Set(scenarios.map(({ scenario }) => scenario))
  const same = executionsOf(result).filter(({ id }) => ids.has(id))
  const broken = variantsOf([
    ...scenarios,
    ...result.findings
      .filter((one) => one.severity === 'fail' && asGrave.includes(one.gravity))
      .flatMap((one) => one.scenarios),
  ])
  const better = heldOn(same).filter(
    (line) =>
      !broken.some((one) => isSame(one, line)) &&
      [...ids].every((id) => {
        const here = same.filter((one) => one.id === id && isSame(one.variant, line))
        return here.length > 0 && here.every(({ verdict }) => verdict === 'pass' || verdict === 'warn')
      }),
  )
  if (better.length === 0) return undefined
  const inClear =
    scenarios.every(({ transport }) => transport === 'tls') && better.every(({ transport }) => transport !== 'tls')
  return `This works on ${variantsInWords(better)}${inClear ? ', where calls are not encrypted' : ''}.`
}

const isSame = (a: Variant, b: Variant): boolean => a.transport === b.transport && a.family === b.family
