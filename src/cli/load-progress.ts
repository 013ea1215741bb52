/** Shows how a load goes: calls that are up and hear each other, what was lost, the relays. */
import type { CallAgent } from '../load/call-agent.js'
import type { Console } from './console.js'

/** Where no line can be overwritten, fewer say enough. */
const PLAIN_EVERY_S = 5

export class LoadProgress {
  readonly #console: Console
  readonly #agent: CallAgent
  readonly #timer: NodeJS.Timeout
  #seconds = 0

  constructor(console: Console, agent: CallAgent) {
    this.#console = console
    this.#agent = agent
    this.#timer = setInterval(() => this.#show(), 1000)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#console.status('')
  }

  #show(): void {
    this.#seconds += 1
    const text = progressText(this.#agent)
    if (this.#console.terminal) this.#console.status(text)
    else if (this.#seconds % PLAIN_EVERY_S === 0) this.#console.tell(text)
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
    ...(load.settingUp > 0 ? [`${load.settingUp} being set up`] : []),
    ...(ended > 0 ? [`${completed} completed${failed > 0 ? `, ${failed} FAILED` : ''}`] : []),
    ...(lost > 0 ? [`${lost} packets lost`] : []),
    ...(shares.length > 0 ? [`calls per relay ${shares.map(([, { calls }]) => calls).join('/')}`] : []),
  ].join(' · ')
}
