/** `summary.md` of a capture: for a ticket. */
import type { JudgedFinding, JudgeResult } from '../result/judge-result.js'
import { count } from './format.js'
import { GRAVITIES } from './gravities.js'
import { clip } from './html.js'
import { code, md } from './summary.js'
import { RUN_VERDICTS, SIGNS } from './verdicts.js'

const MOST_FINDINGS = 10
const MOST_SEEN = 3

/** @returns the document's text */
export function judgeSummary(result: JudgeResult): string {
  const { file, verdict, sentence, counts, servers, where, whereWhy, limits, findings } = result
  const problems = findings.filter(({ severity }) => severity !== 'info')
  const more = problems.length - MOST_FINDINGS
  const sections = [
    `## ringproof: ${md(file)} – ${RUN_VERDICTS[verdict].toLowerCase()}`,
    `**${md(clip(sentence, 600))}**`,
    `${count(counts['calls'] ?? 0, 'call')}, ${count(counts['registrations'] ?? 0, 'registration')}, ${count(counts['streams'] ?? 0, 'stream')} of RTP. Provider: ${servers.length > 0 ? md(servers.join(', ')) : 'not known'}. Seen from: ${where} (${md(whereWhy)}).`,
    problems.length > 0
      ? [
          '### What needs attention',
          ...problems.slice(0, MOST_FINDINGS).map(lines),
          ...(more > 0 ? [`- and ${count(more, 'more finding')}, see judge.html`] : []),
        ].join('\n')
      : '',
    limits.length > 0
      ? ['**What the capture does not show:**', '', ...limits.map((one) => `- ${md(clip(one, 400))}`)].join('\n')
      : '',
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function lines({ severity, gravity, title, advice, seen, count: times }: JudgedFinding): string {
  const [first] = seen
  const more = [
    ...seen
      .slice(0, MOST_SEEN)
      .map(
        ({ text, filter }) =>
          `${md(clip(text, 400))}${filter === undefined || filter === '' ? '' : ` ${code(clip(filter, 400))}`}`,
      ),
    ...(times > MOST_SEEN ? [`and ${times - MOST_SEEN} more`] : []),
    ...(first === undefined ? [] : [`Whose doing: ${first.side.who}: ${md(clip(first.side.why, 300))}`]),
    `What to do: ${md(clip(advice, 300))}`,
  ]
  return [
    `- ${SIGNS[severity === 'fail' ? 'fail' : 'warn']} ${GRAVITIES[gravity].word} **${md(clip(title, 200))}**`,
    ...more.map((line) => `  - ${line}`),
  ].join('\n')
}
