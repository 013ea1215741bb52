import type { CallAgent } from '../load/call-agent.js'
import type { CliContext } from './context.js'

/** Where nothing can be overwritten, fewer lines say enough. */
const PLAIN_EVERY_S = 5

/** Shows how a load goes, once a second: calls that are up and hear each other, what was lost, the relays. */
export class LoadProgress {
  readonly #context: CliContext
  readonly #agent: CallAgent
  readonly #timer: NodeJS.Timeout
  #seconds = 0
  #shown = false

  constructor(context: CliContext, agent: CallAgent) {
    this.#context = context
    this.#agent = agent
    this.#timer = setInterval(() => this.#show(), 1000)
  }

  stop(): void {
    clearInterval(this.#timer)
    if (this.#shown) process.stderr.write('\r\u001b[2K')
    this.#shown = false
  }

  #show(): void {
    this.#seconds += 1
    const text = progressText(this.#agent)
    if (this.#context.terminal) {
      process.stderr.write(`\r\u001b[2K${text.slice(0, Math.max(20, (process.stderr.columns ?? 100) - 1))}`)
      this.#shown = true
    } else if (this.#seconds % PLAIN_EVERY_S === 0) {
      this.#context.tell(text)
    }
  }
}

function progressText({ tally, load }: CallAgent): string {
  const { ended, completed, failed } = tally.gauges
  const { hearing, relays } = tally.now
  const shares = [...relays]
    .filter(([, { calls }]) => calls > 0)
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const lost = shares.reduce((sum, [, relay]) => sum + relay.lost, 0)
  return [
    `${load.up} calls up, ${Math.min(hearing, load.up)} with audio both ways`,
    ...(load.settingUp > 0 ? [`${load.settingUp} setting up`] : []),
    ...(ended > 0 ? [`${completed} completed${failed > 0 ? `, ${failed} FAILED` : ''}`] : []),
    ...(lost > 0 ? [`${lost} packets lost`] : []),
    ...(shares.length > 0 ? [`relays ${shares.map(([, { calls }]) => calls).join('/')}`] : []),
  ].join(' · ')
}
