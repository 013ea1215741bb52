/** The commands of an old file, one after the other, as a story. */
import { actsOn } from './actions.js'
import { follows, onlyWhere, timerBefore, timersFromTheBeginning } from './branches.js'
import { answers, waitsForRequest } from './incoming.js'
import { keywordsIn } from './keywords.js'
import { ref, shown } from './quoting.js'
import { sendsRequest, registersItself } from './requests.js'
import { waitsForResponses } from './responses.js'
import type { Command, SippScenario } from './scenario-file.js'
import type { Scene } from './scene.js'

export function tell(scene: Scene, { others }: SippScenario): void {
  const { draft, commands } = scene
  draft.line = 0
  for (const { name, line } of others) {
    const isShared = ['Global', 'User'].includes(name)
    const why = isShared ? ': variables that all calls share. Each story has its own' : ''
    draft.note(`<${shown(name, 40)}> is not taken over${why}.`, line)
  }
  if (!registersItself(commands)) draft.does(`await ${scene.own}.registers()`)
  timersFromTheBeginning(scene)
  let at = 0
  while (at < commands.length) {
    const command = commands[at]
    if (command === undefined) break
    draft.line = command.line
    notesOn(scene, command)
    const skipped = onlyWhere(scene, command)
    if (command.kind === 'recv' && command.status !== undefined) {
      at = waitsForResponses(scene, commands, at)
    } else {
      does(scene, command, at)
      at += 1
    }
    if (skipped !== undefined) draft.label(skipped)
  }
  // What is waited for besides: another device that answers has to be registered before.
  if (scene.usesOther)
    draft.lines.unshift({ kind: 'code', code: `await ${ref(scene.otherName)}.registers()`, source: 0 })
}

function does(scene: Scene, command: Command, at: number): void {
  const { draft } = scene
  if (command.kind === 'label') {
    const before = draft.lines.at(-1)
    scene.comesTo(command.id, before?.kind !== 'jump' || before.condition !== undefined)
    draft.label(command.id)
    return
  }
  if (command.kind === 'send') {
    timerBefore(scene, command)
    const isRequest = command.message.status === undefined
    if (isRequest) sendsRequest(scene, command, at)
    else answers(scene, command)
  } else if (command.kind === 'recv') {
    waitsForRequest(scene, command)
    return
  } else if (command.kind === 'pause') {
    pauses(scene, command)
  } else if (command.kind === 'sendCmd' || command.kind === 'recvCmd') {
    draft.todo(
      'two processes of SIPp talk to each other here (3PCC). A story of ringproof has all devices in it: let the other one act here.',
    )
  }
  actsOn(scene, command)
  follows(scene, command)
}

function notesOn({ draft }: Scene, { attributes, kind }: Command): void {
  if (attributes.has('lost')) {
    draft.note(
      'lost= is not taken over: scenarios of retransmission/ lose messages on purpose and look at what comes of it.',
    )
  }
  if (attributes.has('retrans')) {
    draft.note(
      'retrans= is not needed: requests and 2xx are repeated by the timers of RFC 3261 §17, over UDP alone.',
      0,
    )
  }
  if (attributes.get('rrs') === 'true' || attributes.get('auth') === 'true') {
    draft.note(
      'rrs=, [routes] and [next_url]: ringproof keeps the dialog, its route set and its remote target itself.',
      0,
    )
  }
  if (kind === 'timewait')
    draft.note('timewait is not needed: what is repeated after the end is answered by the transactions.', 0)
  if (attributes.has('counter') || attributes.has('crlf')) draft.note("counter= and crlf= are of SIPp's own screen.", 0)
}

const LONGEST_PAUSE_MS = 3_600_000

function pauses(scene: Scene, { attributes }: Command): void {
  const { draft, options } = scene
  const number = (name: string): number => Number(attributes.get(name) ?? Number.NaN)
  const wanted = attributes.get('milliseconds')
  const distribution =
    attributes.get('distribution') ?? (attributes.has('min') && attributes.has('max') ? 'uniform' : undefined)
  let ms = Number(wanted)
  if (attributes.has('variable') || (wanted !== undefined && keywordsIn(wanted).length > 0)) {
    draft.todo('the length of this pause stands in a variable: one second is waited.')
    ms = 1_000
  } else if (wanted === undefined) {
    const mean = distribution === undefined ? undefined : meanOf(distribution, number)
    ms = mean ?? options.pauseMs ?? 1_000
    if (distribution === undefined) {
      draft.note(`<pause/> without a length (SIPp: -d) is ${ms} ms here. --pause says otherwise.`)
    } else {
      draft.note(
        `This pause is drawn by lot (${shown(distribution, 30)}); ${ms} ms is its mean. A story that differs each time could not be repeated.`,
      )
    }
  }
  const rounded = Math.round(Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS))
  if (!Number.isFinite(rounded) || rounded === 0) return
  draft.lasts += rounded
  draft.does(`await ${ref('waits')}(${rounded < 10_000 ? rounded : String(rounded).replace(/\B(?=(\d{3})+$)/g, '_')})`)
}

/** ms, of a distribution by its own words; one second of what cannot be reckoned. */
function meanOf(distribution: string, number: (name: string) => number): number {
  const means: Readonly<Partial<Record<string, number>>> = {
    fixed: number('value'),
    uniform: (number('min') + number('max')) / 2,
    normal: number('mean'),
    exponential: number('mean'),
    lognormal: Math.exp(number('mean') + number('stdev') ** 2 / 2),
    weibull: number('k') > 0 ? number('lambda') : Number.NaN,
    gamma: number('k') * number('theta'),
    negbin: (number('n') * (1 - number('p'))) / number('p'),
  }
  const mean = Math.round(means[distribution] ?? Number.NaN)
  return Number.isFinite(mean) && mean >= 0 ? mean : 1_000
}
