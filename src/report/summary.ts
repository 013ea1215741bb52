/** `summary.md`: a comment for a merge request, short enough to be read there. */
import type { Finding, LoadResult, RunResult, Place } from '../result/result.js'
import { count, duration, moment, number, percent } from './format.js'
import { clip, visible } from './html.js'
import { untestedWords } from './untested.js'
import { RUN_VERDICTS, SIGNS, tally, VERDICTS } from './verdicts.js'

const MOST_FINDINGS = 10

/** @returns the document's text */
export function summary(result: RunResult): string {
  const { target, startedAt, endedAt } = result
  const when = result.clock === 'virtual' ? 'Simulated (virtual time)' : moment(startedAt).utc
  const faults = target.faults?.length ? `, planted faults: ${target.faults.map(md).join(', ')}` : ''
  const sections = [
    `## ringproof: ${md(target.name)} – ${RUN_VERDICTS[result.verdict].toLowerCase()}`,
    `**${md(result.sentence ?? RUN_VERDICTS[result.verdict])}**`,
    `${when}, ${duration(Date.parse(endedAt) - Date.parse(startedAt))}, ${md(target.file)}${faults}`,
    verdictTable(result),
    findings(result.findings),
    result.load ? loadLine(result.load) : '',
    notTested(result),
    result.repeat ? `Repeat: ${code(result.repeat)}` : '',
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
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

function findings(all: readonly Finding[]): string {
  const telling = all.filter(({ severity }) => severity !== 'info')
  if (telling.length === 0) return ''
  const lines = telling.slice(0, MOST_FINDINGS).map((finding) => {
    const sign = finding.severity === 'fail' ? SIGNS.fail : SIGNS.warn
    // A headline that says who notices what need not be followed by the same.
    const { title, harm = '', advice, scenarios, rule } = finding
    const told = harm === '' || harm.startsWith(title) ? '' : ` ${md(clip(harm, 300))}`
    const more = [
      ...(rule
        ? [
            `${finding.broken ? 'Does not hold' : 'Rule'}: ${md(clip(rule, 200))}${finding.broken && finding.broken.length > 1 ? ` and ${count(finding.broken.length - 1, 'more rule')}` : ''}`,
          ]
        : []),
      ...(advice ? [`What to do: ${md(clip(advice, 300))}`] : []),
      ...(scenarios.length > 0 ? [`Seen in ${places(scenarios)}`] : []),
    ]
    return [`- ${sign} **${md(clip(title, 200))}**${told}`, ...more.map((line) => `  - ${line}`)].join('\n')
  })
  const more = telling.length - MOST_FINDINGS
  if (more > 0) lines.push(`- and ${count(more, 'more finding')}, see index.html`)
  return ['### What needs attention', ...lines].join('\n')
}

function loadLine(load: LoadResult): string {
  const { calls, generator } = load
  if (!load.valid) {
    const why = (generator.problems ?? []).join('; ') || 'the generator was too slow'
    return `**Load not valid:** ${md(why)}. Its numbers prove nothing.`
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
  return `**Load** (${md(load.profile)}): ${parts.join(', ')}. Generator sound: sends late by ${duration(generator.sendLatenessP99Ms)} (p99).`
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

/** Text as Markdown that shows it and does nothing else: no markup, links, mentions or images. */
function md(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? char)
    .replace(/[\\`*_[\]{}#|~!]/g, '\\$&')
    .replace(/@/g, '@\u2060')
}

function code(text: string): string {
  const clean = visible(text).replace(/\s+/g, ' ')
  return clean.includes('`') ? `\`\` ${clean} \`\`` : `\`${clean}\``
}
