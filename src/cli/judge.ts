/** The command `judge`: reads the capture, judges it, writes the page, says what came of it. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CaptureError, readCapture } from '../capture/read-capture.js'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { judgeCapture, type JudgeOptions } from '../judge/judge.js'
import { judgePage } from '../report/judge-page.js'
import { visible } from '../report/html.js'
import { judgeSummary } from '../report/judge-summary.js'
import type { JudgeResult } from '../result/judge-result.js'
import { version } from '../worlds/package-folder.js'
import { counted } from '../result/texts.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'

/** What the command line orders. */
export interface JudgeOrder extends JudgeOptions {
  /** The capture. */
  readonly file: string
  /** File with session keys of TLS. */
  readonly tlsSecrets?: string | undefined
  /** Folder for the page; default below `reports/`. */
  readonly out?: string | undefined
}

/** Larger files do not fit into memory with what is made of them. */
const MOST_BYTES = 1_500_000_000

/** @throws UsageError */
export function performJudge(order: JudgeOrder, context: CliContext): void {
  const { file, tlsSecrets, server, call } = order
  const bytes = contentOf(file)
  const keys = tlsSecrets === undefined ? undefined : contentOf(tlsSecrets).toString('latin1')
  const judged = judgeCapture(captureOf(file, bytes, keys), { server, call })
  if (call !== undefined && judged.calls.length === 0)
    throw new UsageError(`--call ${call}: no call of ${file} has this Call-ID, or is from or to this number.`)
  const result: JudgeResult = {
    schemaVersion: 1,
    ringproof: version(),
    command: 'judge',
    file: basename(file),
    ...judged,
  }
  const folder = write(result, order)
  if (context.json) context.out(`${JSON.stringify(result, null, 2)}\n`)
  tell(result, folder, context)
  context.exitCode = result.exitCode
}

function captureOf(file: string, bytes: Buffer, tlsSecrets: string | undefined) {
  try {
    return readCapture(bytes, tlsSecrets === undefined ? {} : { tlsSecrets })
  } catch (error) {
    throw error instanceof CaptureError ? new UsageError(`${file}: ${error.message}`) : error
  }
}

function contentOf(file: string): Buffer {
  try {
    const { size } = statSync(file)
    if (size > MOST_BYTES) {
      throw new UsageError(
        `${file} has ${Math.round(size / 1e6)} MB: cut it to the time that matters (editcap -A … -B …), or to one call.`,
      )
    }
    return readFileSync(file)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function write(result: JudgeResult, { file, out }: JudgeOrder): string {
  const name = basename(file)
    .replace(/\.(?:pcapng|pcap|cap)(?:\.gz)?$/i, '')
    .replace(/[^\w.-]+/g, '-')
  const folder = resolve(out ?? join('reports', 'judge', name === '' ? 'capture' : name))
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'judge.json'), `${JSON.stringify(result, null, 2)}\n`)
    writeFileSync(join(folder, 'judge.html'), judgePage(result))
    writeFileSync(join(folder, 'summary.md'), judgeSummary(result))
    return folder
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    throw new UsageError(`The page cannot be written to ${folder}: ${why}. Choose another folder with --out.`)
  }
}

const SIGNS = { fail: '✗', warn: '!', info: '·' } as const
const STYLES = { fail: 'red', warn: 'yellow', info: 'dim' } as const
const MOST_TOLD = 20

function tell(result: JudgeResult, folder: string, context: CliContext): void {
  const { counts, servers, where, findings, limits, sentence } = result
  const whose = servers.length > 0 ? `provider ${servers.join(', ')}` : 'provider not known'
  context.tell(
    `${counted(counts['calls'] ?? 0, 'call')}, ${counted(counts['registrations'] ?? 0, 'registration')}, ${counted(counts['streams'] ?? 0, 'stream')} of RTP; ${whose}; seen from: ${where}`,
  )
  context.report(visible(sentence))
  for (const { severity, title, seen, count } of findings.slice(0, MOST_TOLD)) {
    const [first] = seen
    const sign = { style: STYLES[severity], text: SIGNS[severity] } as const
    context.report(['  ', sign, ` ${visible(title)}${count > 1 ? ` (${count} times)` : ''}`])
    if (first !== undefined && severity !== 'info') context.report(`      ${visible(first.text)}`)
  }
  if (findings.length > MOST_TOLD) context.report(`  and ${findings.length - MOST_TOLD} more, in the page`)
  for (const limit of limits) context.tell(`  ${visible(limit)}`)
  context.report(`Page: ${join(folder, 'judge.html')}`)
}
