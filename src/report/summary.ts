/** `summary.md`: a comment for a merge request, short enough to be read there. */
import type { Place } from '../result/terms.js'
import type { Finding } from '../result/finding.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import { blockedBy, kindWord, whoNotices } from './finding-view.js'
import { count, duration, moment, number, percent } from './format.js'
import { clip, visible } from './html.js'
import { knownDeviations } from './known-deviations.js'
import { ownLag } from './own-lag.js'
import { groupBy } from './parts.js'
import { executionsOf } from './places.js'
import { troublesOf } from './relays-view.js'
import { vitalSignName } from './survey-view.js'
import { untestedWords } from './untested.js'
import { RUN_VERDICTS, SIGNS, tally, VERDICTS } from './verdicts.js'
import { problemsOf } from '../result/problems.js'
import { distinct } from '../result/texts.js'
import { variantsInWords, variantsOf } from '../result/variants.js'

const MOST_FINDINGS = 10
const MOST_DEVIATIONS = 10

/** @returns the document's text */
export function summary(result: RunResult): string {
  const { target, startedAt, endedAt } = result
  const when = result.clock === 'virtual' ? 'Simulated (virtual time)' : moment(startedAt).utc
  const faults = target.faults?.length ? `, planted faults: ${target.faults.map(md).join(', ')}` : ''
  const sections = [
    `## ringproof: ${md(target.name)} – ${RUN_VERDICTS[result.verdict].toLowerCase()}`,
    `**${md(result.sentence ?? RUN_VERDICTS[result.verdict])}**`,
    ...(result.comparison === undefined ? [] : [`**What changed:** ${md(clip(result.comparison.sentence, 700))}`]),
    `${when}, ${duration(Date.parse(endedAt) - Date.parse(startedAt))}, ${md(target.file)}${faults}`,
    vitalSigns(result),
    verdictTable(result),
    findings(result),
    defects(result),
    deviations(result),
    lagLine(result),
    relaysLine(result),
    result.load ? loadLine(result.load) : '',
    notTested(result),
    result.repeat ? `Repeat: ${code(result.repeat)}` : '',
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function lagLine(result: RunResult): string {
  const lag = ownLag(result)
  return lag === undefined ? '' : `This machine ${lag}.`
}

/** Which basic functions work, and by name those that do not: a line for what is the same on several transports. */
function vitalSigns({ survey }: RunResult): string {
  if (!survey || survey.vitalSigns.length === 0) return ''
  const { vitalSigns: signs } = survey
  const missing = signs.filter(({ verdict }) => verdict !== 'pass')
  const head = `**Basic functions:** ${signs.length - missing.length} of ${signs.length} work`
  if (missing.length === 0) return head
  const same = [...groupBy(missing, ({ id, verdict, reason }) => `${id} ${verdict} ${reason}`).values()]
  const lines = same.slice(0, MOST_FINDINGS).flatMap((some) => {
    const [one] = some
    if (one === undefined) return []
    const who = distinct(some.flatMap(({ account }) => account ?? []))
    const where = [variantsInWords(variantsOf(some.map(({ variant }) => variant))), ...who].join(', ')
    return [`- ${SIGNS[one.verdict]} ${md(vitalSignName(one))}, ${md(clip(where, 200))}: ${md(clip(one.reason, 200))}`]
  })
  const more = same.length - MOST_FINDINGS
  return [head, '', ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}

function verdictTable({ scenarios }: RunResult): string {
  if (scenarios.length === 0) return ''
  const columns = tally(scenarios.map(({ verdict }) => verdict))
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    row(columns.map(({ verdict }) => `${SIGNS[verdict]} ${VERDICTS[verdict].word}`)),
    row(columns.map(() => '---:')),
    row(columns.map((column) => String(column.count))),
  ].join('\n')
}

function findings(result: RunResult): string {
  const problems = problemsOf(result.findings)
  if (problems.length === 0) return ''
  const lines = problems.slice(0, MOST_FINDINGS).map((finding) => findingLines(finding, result))
  const more = problems.length - MOST_FINDINGS
  if (more > 0) lines.push(`- and ${count(more, 'more finding')}, see index.html`)
  return ['### What needs attention', ...lines].join('\n')
}

function findingLines(finding: Finding, result: RunResult): string {
  const { title, advice, scenarios, rule, broken = [], where, reach, consequences = [] } = finding
  const blocks = blockedBy(finding, result)
  const sign = finding.severity === 'fail' ? SIGNS.fail : SIGNS.warn
  const others = broken.length > 1 ? ` and ${count(broken.length - 1, 'more rule')}` : ''
  const share = reach ? ` (${reach.showed} of ${count(reach.of, 'test')})` : ''
  const more = [
    `Who notices: ${md(clip(whoNotices(finding), 300))}`,
    ...(rule ? [`The rule says: ${md(clip(ruleWords(rule, result), 200))}${others}`] : []),
    ...(advice ? [`What to do: ${md(clip(advice, 300))}`] : []),
    ...(where ? [`Where: ${md(clip(where.text, 200))}`] : []),
    ...(scenarios.length > 0 ? [`Seen in ${places(scenarios)}${share}`] : []),
    ...(blocks > 0 ? [`${count(blocks, 'test')} not tested because of this`] : []),
    ...(consequences.length > 0 ? [`Also broken because of this: ${count(consequences.length, 'rule')}`] : []),
  ]
  return [`- ${sign} ${kindWord(finding)} **${md(clip(title, 200))}**`, ...more.map((line) => `  - ${line}`)].join('\n')
}

/** A promise of the provider in its own words, where the rule is nothing but its number. */
function ruleWords(rule: string, { providerRows = [] }: RunResult): string {
  const row = providerRows.find(({ id }) => id === rule)
  return row === undefined ? rule : `${row.id}: ${row.text}`
}

/** Defects never hide what failed, so they stand below it. */
function defects(result: RunResult): string {
  const errors = executionsOf(result).filter(({ verdict }) => verdict === 'error')
  if (errors.length === 0) return ''
  return `**Defects of ringproof or of a scenario** (${errors.length}): ${places(errors.map(({ id, variant }) => ({ scenario: id, ...variant })))}. They say nothing about the target.`
}

function deviations(result: RunResult): string {
  const known = knownDeviations(result)
  if (known.length === 0) return ''
  const lines = known
    .slice(0, MOST_DEVIATIONS)
    .map(
      ({ id, check, reason }) =>
        `- ${code(id)}: ${md(clip(check.paraphrase ?? check.id, 200))} – ${md(clip(reason, 300))}`,
    )
  const more = known.length - MOST_DEVIATIONS
  if (more > 0) lines.push(`- and ${more} more, see index.html`)
  return [`**Known deviations** (${known.length}):`, '', ...lines].join('\n')
}

/** Which of the relays the tests' calls met, and what was wrong with them. */
function relaysLine({ relays = [] }: RunResult): string {
  const met = relays.filter(({ directions }) => directions.length > 0)
  if (met.length === 0) return ''
  const all = met.flatMap(({ directions }) => directions)
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0)
  const [lost, expected] = [sum((one) => one.lost), sum((one) => one.expected)]
  const of = met.length < relays.length ? ` of ${relays.length}` : ''
  const start = `**Relays:** ${met.length}${of} met, ${percent(lost, expected)} of ${count(expected, 'packet')} lost`
  const sick = met.flatMap((relay) => {
    const troubles = troublesOf(relay)
    return troubles.length === 0 ? [] : [`- ${md(clip(relay.name, 60))}: ${troubles.map(md).join('; ')}`]
  })
  if (sick.length === 0) return `${start}, none with one-way, altered or wrong audio`
  const more = sick.length - MOST_FINDINGS
  return [start, '', ...sick.slice(0, MOST_FINDINGS), ...(more > 0 ? [`- and ${count(more, 'more')}`] : [])].join('\n')
}

function loadLine(load: LoadResult): string {
  const { calls, generator } = load
  if (!load.valid) {
    const why = (generator.problems ?? []).join('; ') || 'the generator was too slow'
    return `**Load not valid:** ${md(why)}. Its numbers say nothing about the target.`
  }
  const lost = load.relays.reduce((sum, relay) => sum + relay.packetsLost, 0)
  const received = load.relays.reduce((sum, relay) => sum + relay.packetsReceived, 0)
  const parts = [
    `${number(calls.completed)} of ${count(calls.started, 'call')} completed`,
    `${number(calls.failed)} failed`,
    `${number(calls.oneWay)} one-way`,
    ...(calls.wrongAudio === undefined ? [] : [`${number(calls.wrongAudio)} with wrong audio`]),
    `${percent(lost, lost + received)} of packets lost`,
    ...(load.setupDelayMs ? [`setup p95 ${duration(load.setupDelayMs.p95)}`] : []),
  ]
  if (load.runs !== undefined) {
    const ran = `**Load** (${md(load.profile)}): ${runsInWords(load)}`
    return calls.started === 0 ? `${ran}.` : `${ran}; ${parts.join(', ')}.`
  }
  return `**Load** (${md(load.profile)}): ${parts.join(', ')}. The generator kept up: audio sent at most ${duration(generator.sendLatenessP99Ms)} late (p99).`
}

/** The scenarios of a finding, each once. */
function places(scenarios: readonly Place[]): string {
  const ids = [...new Set(scenarios.map(({ scenario }) => scenario))]
  const more = ids.length > 4 ? ` and ${ids.length - 4} more` : ''
  return `${ids.slice(0, 4).map(code).join(', ')}${more}`
}

function notTested(result: RunResult): string {
  const parts = untestedWords(result)
  if (parts.length === 0) return '**Not tested:** nothing was left out.'
  return ['**Not tested:**', '', ...parts.map((part) => `- ${md(clip(part, 400))}`)].join('\n')
}

/** Text as Markdown that shows it and does nothing else: no markup, links (bare addresses neither), mentions or images. */
export function md(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? char)
    .replace(/[\\`*_[\]{}#|~!]/g, '\\$&')
    .replace(/@|:(?=\/\/)|\bwww(?=\.)/gi, '$&\u2060')
    .replace(/^[-+=]/, '\\$&')
}

/** As code, between more backticks than it has in a row. */
export function code(text: string): string {
  const clean = visible(text).replace(/\s+/g, ' ')
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest > 0 ? `${fence} ${clean} ${fence}` : `${fence}${clean}${fence}`
}

/** `400 runs of scenarios: 398 pass, 2 fail`. */
function runsInWords({ scenarios = [] }: LoadResult): string {
  const all = new Map<string, number>()
  for (const { verdicts } of scenarios)
    for (const [verdict, many] of Object.entries(verdicts)) all.set(verdict, (all.get(verdict) ?? 0) + many)
  const runs = [...all.values()].reduce((sum, many) => sum + many, 0)
  return `${count(runs, 'run')} of scenarios: ${[...all].map(([verdict, many]) => `${number(many)} ${verdict}`).join(', ')}`
}
