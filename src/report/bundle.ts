/** One failing scenario of a run, by itself: what goes into an archive for whoever is to mend it. */
import type { Finding } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import type { RunVerdict, Verdict } from '../result/terms.js'
import { customersPage } from './customers-page.js'
import { count, offset } from './format.js'
import { visible } from './html.js'
import { junit } from './junit.js'
import { page } from './page.js'
import { isPlaceOf, keyOf, variantWords } from './places.js'
import { plainText } from './plain-text.js'
import { summary } from './summary.js'

const RUN_VERDICTS: Readonly<Record<Verdict, RunVerdict>> = {
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  inconclusive: 'inconclusive',
  unsupported: 'inconclusive',
  'not applicable': 'inconclusive',
  error: 'error',
}

/** As if nothing else had been run; what is not here ends with 0. */
const EXIT_CODES: Readonly<Partial<Record<Verdict, number>>> = { fail: 1, error: 6, inconclusive: 4 }

export interface BundleFile {
  readonly name: string
  readonly text: string
}

/** The run as if it had been this scenario alone. */
export function narrowed(result: RunResult, one: ScenarioResult | VitalSign): RunResult {
  const {
    load: _load,
    relays: _relays,
    noise: _noise,
    comparison: _comparison,
    failOn: _failOn,
    survey,
    ...rest
  } = result
  const isSign = survey?.vitalSigns.some((sign) => sign === one) === true
  const findings = result.findings.flatMap((finding) => findingHere(finding, one))
  const [gravest] = findings
  return {
    ...rest,
    verdict: RUN_VERDICTS[one.verdict],
    exitCode: EXIT_CODES[one.verdict] ?? 0,
    sentence: `${count(1, 'scenario')} of a run, ${one.id} on ${variantWords(one)}: ${gravest?.title ?? (one.reason || one.title)}`,
    scenarios: isSign ? [] : [one],
    notRun: [],
    findings,
    ...(survey === undefined ? {} : { survey: { ...survey, vitalSigns: isSign ? [one] : [] } }),
    ...(one.repeat === undefined ? {} : { repeat: one.repeat }),
  }
}

/** What of a finding was seen in one scenario. */
function findingHere(finding: Finding, one: ScenarioResult): Finding[] {
  if (!finding.scenarios.some((place) => isPlaceOf(place, one))) return []
  const { where: _where, reach: _reach, blocks: _blocks, consequences: _consequences, ...rest } = finding
  const here = <T extends { readonly scenarios: Finding['scenarios'] }>(some: readonly T[]): T[] =>
    some.flatMap((rule) => {
      const scenarios = rule.scenarios.filter((place) => isPlaceOf(place, one))
      return scenarios.length === 0 ? [] : [{ ...rule, scenarios }]
    })
  return [
    {
      ...rest,
      scenarios: finding.scenarios.filter((place) => isPlaceOf(place, one)),
      evidence: finding.evidence.filter((path) => one.evidence.includes(path)),
      ...(finding.broken === undefined ? {} : { broken: here(finding.broken) }),
    },
  ]
}

/** The texts of the archive, captures apart. @param run as `narrowed` gives it, secrets masked */
export async function bundleFiles(run: RunResult, captures: readonly string[]): Promise<BundleFile[]> {
  const one = run.scenarios[0] ?? run.survey?.vitalSigns[0]
  if (one === undefined) throw new Error('a bundle is of one scenario')
  const { ringproof, target, startedAt } = run
  return [
    { name: 'README.txt', text: readme(run, one, captures) },
    { name: 'index.html', text: await page(run, keyOf(one)) },
    { name: 'scenario.txt', text: plainText(one, { ringproof, target: target.name, startedAt }) },
    { name: 'messages.txt', text: messages(one) },
    { name: 'result.json', text: `${JSON.stringify(run, null, 2)}\n` },
    { name: 'summary.md', text: summary(run) },
    { name: 'junit.xml', text: junit(run) },
    { name: 'customers.html', text: customersPage(run) },
  ]
}

function readme(run: RunResult, one: ScenarioResult, captures: readonly string[]): string {
  const { target, environment, startedAt } = run
  const software = target.software?.length ? target.software.join(', ') : 'not told'
  const failed = one.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  const lines = [
    `${one.id} on ${variantWords(one)}: ${one.verdict}`,
    one.title,
    ...(one.reason === '' ? [] : [one.reason]),
    '',
    ...failed.flatMap(({ level, rule, paraphrase, id, expected, actual }) => [
      `${level} ${rule}: ${paraphrase ?? id}`,
      `  expected: ${expected}`,
      `  actual:   ${actual}`,
    ]),
    '',
    `Target:   ${target.name}, ${(target.endpoints ?? []).join(', ') || 'endpoints not told'}`,
    `Software: ${software}`,
    `When:     ${run.clock === 'virtual' ? 'simulated (virtual time)' : startedAt}`,
    `Seen from: ${environment?.seenFrom.join(', ') || 'an unknown address'}${environment?.network === undefined ? '' : `, behind an access line with ${environment.network}`}`,
    `Tested by: ringproof ${run.ringproof}${environment === undefined ? '' : `, Node ${environment.node}, ${environment.platform}`}`,
    ...(target.faults?.length
      ? [`Faults planted on purpose in the embedded provider: ${target.faults.join(', ')}`]
      : []),
    '',
    `Repeat it: ${one.repeat ?? run.repeat ?? 'the command is not known'}`,
    '',
    'In this archive:',
    '  index.html     the scenario with its ladder; opens in any browser, loads nothing, needs no ringproof',
    '  scenario.txt   the same as text, for a bug tracker',
    '  messages.txt   every message in full, with its time',
    ...captures.map((name) => `  ${name}   ${name.endsWith('.wav') ? 'audio, decrypted' : 'packets, for Wireshark'}`),
    ...(captures.length === 0 ? ['  (no packets: the capture was left out)'] : []),
    '  result.json, summary.md, junit.xml, customers.html   the same for programs, merge requests, CI, and people who do not know SIP',
    '',
    'Digest responses, Basic credentials and keys of encrypted audio are masked. Numbers, names, addresses and audio are not:',
    'pass it on only to those who may see them.',
  ]
  return `${lines.map((line) => visible(line)).join('\n')}\n`
}

function messages({ ladder }: ScenarioResult): string {
  const arrows = ladder?.arrows ?? []
  if (arrows.length === 0) return 'No message was recorded.\n'
  const parts = arrows.map(({ atMs, from, to, label, again, lost, message }) => {
    const notes = `${again === true ? ' (retransmission)' : ''}${lost === true ? ' (lost)' : ''}`
    const head = `--- ${offset(atMs)} s  ${from} -> ${to}  ${label}${notes}`
    return message === undefined ? head : `${head}\n${message.replace(/\r\n/g, '\n').trimEnd()}\n`
  })
  const omitted = ladder?.omitted ? [`(${ladder.omitted} more are left out here; the capture has them)`] : []
  return `${[...parts, ...omitted].map((part) => visible(part)).join('\n')}\n`
}
