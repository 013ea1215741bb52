/** Brings an alert to a command or to a webhook. Whoever is named gets it; nobody else is spoken to. */
import { spawn } from 'node:child_process'
import type { MonitorAlert, MonitorState } from '../result/monitor.js'
import { childEnvironment } from '../worlds/child-environment.js'

type Pending = MonitorState['pending'][number]
export type Addressee = Pending['to']

export interface Delivered {
  /** `later`: it is tried again after a while · `failed`: it is not. */
  readonly outcome: 'delivered' | 'later' | 'failed'
  /** As the end of a sentence. */
  readonly why?: string
}

export interface Delivery {
  readonly addressees: readonly Addressee[]
  /** Never rejects. */
  deliver(pending: Pending, signal: AbortSignal): Promise<Delivered>
}

export interface DeliveryOptions {
  /** Run by the shell; the alert comes on its stdin. */
  readonly command?: string | undefined
  readonly webhook?: string | undefined
  readonly commandMs?: number
  readonly webhookMs?: number
}

const COMMAND_MS = 60_000
const WEBHOOK_MS = 15_000
/** After this an alert is given up, an hour after the first try: what turned an hour ago helps nobody by then, and the status page has it. */
const MOST_TRIES = 8
const MOST_SAID = 300

export function deliveryOf({
  command,
  webhook,
  commandMs = COMMAND_MS,
  webhookMs = WEBHOOK_MS,
}: DeliveryOptions): Delivery {
  return {
    addressees: [
      ...(command === undefined ? [] : ['command' as const]),
      ...(webhook === undefined ? [] : ['webhook' as const]),
    ],
    deliver: async ({ alert, to, tries }, signal) => {
      // Named when the alert was made, and not any more.
      const place = to === 'command' ? command : webhook
      if (place === undefined) return { outcome: 'failed', why: 'it is not configured any more' }
      const found = await (to === 'command'
        ? runCommand(place, alert, commandMs, signal)
        : post(place, alert, webhookMs, signal))
      return found.outcome === 'later' && tries >= MOST_TRIES ? { ...found, outcome: 'failed' } : found
    },
  }
}

/** One that does not end is killed with all that it started, and not begun again: it may have done what it was to do. */
function runCommand(command: string, alert: MonitorAlert, ms: number, signal: AbortSignal): Promise<Delivered> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
      env: { ...childEnvironment(), RINGPROOF_EVENT: alert.event, RINGPROOF_HEADLINE: alert.headline },
    })
    let said = ''
    let ended: Delivered | undefined
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    const onAbort = () => {
      ended ??= { outcome: 'later', why: 'the monitor was stopped' }
      kill()
    }
    const timer = setTimeout(() => {
      ended ??= { outcome: 'failed', why: `it had not ended after ${Math.round(ms / 1000)} s and was killed` }
      kill()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
    const end = (how: Delivered) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(ended ?? how)
    }
    child.stderr.on('data', (data: Buffer) => {
      if (said.length < MOST_SAID) said += data.toString()
    })
    // Whoever does not read it need not.
    child.stdin.on('error', () => {})
    child.stdin.end(`${JSON.stringify(alert)}\n`)
    child.once('error', (error) => end({ outcome: 'later', why: error.message }))
    child.once('close', (code, killedBy) => {
      const words = said === '' ? '' : `: ${said.slice(0, MOST_SAID).trim()}`
      end(
        code === 0 ? { outcome: 'delivered' } : { outcome: 'later', why: `it ended with ${code ?? killedBy}${words}` },
      )
    })
  })
}

/** Answers that say that another try is in vain. */
const isFinal = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429

async function post(url: string, alert: MonitorAlert, ms: number, signal: AbortSignal): Promise<Delivered> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      // What is named is spoken to, and not whoever it names.
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'ringproof-monitor' },
      body: JSON.stringify(alert),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ms)]),
    })
    await answer.body?.cancel()
    if (answer.ok) return { outcome: 'delivered' }
    return { outcome: isFinal(answer.status) ? 'failed' : 'later', why: `it answered ${answer.status}` }
  } catch (error) {
    return { outcome: 'later', why: whyOf(error) }
  }
}

/** Without the address, which may hold a secret. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be reached'
  if (error.name === 'TimeoutError') return 'it did not answer in time'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  return code === undefined ? 'it cannot be reached' : `it cannot be reached (${code})`
}
