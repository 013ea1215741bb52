/** Shows how a load goes: calls that are up and hear each other, what was lost, the relays. */
import type { CallAgent } from '../load/call-agent.js'
import type { Profile } from '../load/profiles.js'
import type { LoadReporter } from '../survey/surveyed-load.js'
import type { Console } from './console.js'
import { tellSurvey } from './progress.js'

/** Tells of a load as it goes. */
export function loadReporter(console: Console, profile: Profile): LoadReporter {
  return {
    building(line) {
      if (console.terminal) console.status(line)
      else console.tell(line)
    },
    waiting: (line) => console.tell(line),
    surveyed: (result) => tellSurvey(console, result),
    said: (line) => console.tell(line),
    ready(agent) {
      const { registered, troubles } = agent.readiness
      const accounts = `${registered} ${registered === 1 ? 'account' : 'accounts'} registered`
      const workers = `${agent.workers} worker ${agent.workers === 1 ? 'thread' : 'threads'}`
      console.tell(`${accounts}, ${workers}, profile ${profile.name}: ${profile.title}`)
      for (const trouble of troubles.slice(0, MOST_TROUBLES)) console.tell(trouble)
      const progress = new LoadProgress(console, agent)
      return () => progress.stop()
    },
  }
}

/** Accounts that could not register are named one by one up to here. */
const MOST_TROUBLES = 5
/** Where no line can be overwritten, fewer say enough. */
const PLAIN_EVERY_S = 5

class LoadProgress {
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

function progressText({ tally, load, runsOn, runs }: CallAgent): string {
  const { ended, completed, failed } = tally.gauges
  const { hearing, relays } = tally.now
  const shares = [...relays]
    .filter(([relay, { calls }]) => relay !== '' && calls > 0)
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const lost = [...relays].reduce((sum, [, relay]) => sum + relay.lost, 0)
  const { started, ended: over } = runs.counts
  return [
    ...(started > 0
      ? [`${runsOn} scenarios running, ${over} ended${runs.failed > 0 ? `, ${runs.failed} FAILED` : ''}`]
      : []),
    ...(started > 0 && tally.gauges.started === 0
      ? []
      : [`${load.up} calls up, ${Math.min(hearing, load.up)} with audio both ways`]),
    ...(load.settingUp > 0 ? [`${load.settingUp} being set up`] : []),
    ...(ended > 0 ? [`${completed} completed${failed > 0 ? `, ${failed} FAILED` : ''}`] : []),
    ...(lost > 0 ? [`${lost} packets lost`] : []),
    ...(shares.length > 0 ? [`calls per relay ${shares.map(([, { calls }]) => calls).join('/')}`] : []),
  ].join(' · ')
}
