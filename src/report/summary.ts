/** `summary.md`: a comment for a merge request, short enough to be read there. */
import type { Finding, LoadResult, RunResult } from '../result/result.js'
import { count, duration, moment, number, percent } from './format.js'
import { clip, visible } from './html.js'
import { RUN_VERDICTS, SIGNS, tally, VERDICTS } from './verdicts.js'

const MOST_FINDINGS = 10

/** @returns the document's text */
export function summary(result: RunResult): string {
  const { target, startedAt, endedAt } = result
  const when = result.clock === 'virtual' ? 'In virtual time' : moment(startedAt).utc
  const faults = target.faults?.length ? `, planted faults: ${target.faults.map(md).join(', ')}` : ''
  const sections = [
    `## ringproof: ${md(target.name)} – ${RUN_VERDICTS[result.verdict].toLowerCase()}`,
    `**${md(result.sentence ?? RUN_VERDICTS[result.verdict])}**`,
    `${when}, ${duration(Date.parse(endedAt) - Date.parse(startedAt))}, ${md(target.file)}, seed ${result.seed}${faults}`,
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
    const harm = finding.harm ? ` ${md(clip(finding.harm, 300))}` : ''
    return `- ${sign} **${md(clip(finding.title, 200))}**${finding.rule ? ` (${md(clip(finding.rule, 200))})` : ''}${harm}`
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

function notTested({ scenarios, notRun, notAskedFor = [] }: RunResult): string {
  const unsupported = scenarios.filter(({ verdict }) => verdict === 'unsupported' || verdict === 'not applicable')
  const reasons = new Map<string, number>()
  for (const { why } of notRun) reasons.set(why, (reasons.get(why) ?? 0) + 1)
  const parts = [
    ...(notAskedFor.length > 0 ? [`left out of the target file: ${notAskedFor.map(md).join(', ')}`] : []),
    ...(unsupported.length > 0 ? [`${unsupported.length} unsupported or not applicable`] : []),
    ...(notRun.length > 0
      ? [
          `${notRun.length} not run (${[...reasons]
            .slice(0, 5)
            .map(([why, many]) => `${md(clip(why, 100))}: ${many}`)
            .join('; ')}${reasons.size > 5 ? '; …' : ''})`,
        ]
      : []),
  ]
  return `Not tested: ${parts.length > 0 ? parts.join(' · ') : 'nothing was left out.'}`
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
