/** `next`, `test`, `chance`, `condexec`, `rtd`: what hangs on a command besides what it does. */
import { ref } from './quoting.js'
import type { Command } from './scenario-file.js'
import type { Scene } from './scene.js'

/** The label, where the file has it further on; a jump elsewhere is noted. */
export function labelOf(scene: Scene, wanted: string | undefined): string | undefined {
  if (wanted === undefined || wanted === '') return undefined
  const { draft } = scene
  if (draft.lines.some((line) => line.kind === 'label' && line.id === wanted)) {
    draft.todo(
      'the file goes back here, to an earlier label. Write a loop with an end: for (let round = 0; round < 3; round += 1) { … }.',
    )
    return undefined
  }
  if (scene.commands.some((command) => command.kind === 'label' && command.id === wanted)) return wanted
  draft.todo('the label to which the file goes on here is not in it, or lies within a log-in.')
  return undefined
}

/** After the command: where the file goes on. @param condition code that must hold besides */
export function follows(scene: Scene, command: Command, condition?: string): void {
  const { draft } = scene
  const { attributes } = command
  timers(scene, command)
  const label = labelOf(scene, attributes.get('next'))
  if (label === undefined) return
  const conditions = [condition, ...conditionsOf(scene, attributes)]
  if (conditions.includes('?')) return
  const all = conditions.filter((one) => one !== undefined)
  scene.leavesFor(label)
  if (all.length === 0) draft.jump(label)
  else draft.jump(label, all.join(' && '))
}

function conditionsOf(scene: Scene, attributes: ReadonlyMap<string, string>): (string | undefined)[] {
  const { draft } = scene
  const test = attributes.get('test')
  const chance = attributes.get('chance')
  const tested = test === undefined ? undefined : isSet(scene, test)
  if (test !== undefined && tested === undefined) {
    draft.todo(`the file goes on elsewhere where variable ${test} is set: nothing in the story sets it.`)
    return ['?']
  }
  return [
    tested,
    chance === undefined ? undefined : `${ref('random')}.float() < ${Math.min(1, Math.max(0, Number(chance) || 0))}`,
  ]
}

/** Code: the variable holds something. */
export const isSet = (scene: Scene, variable: string): string | undefined => {
  const code = scene.variables.get(variable)
  return code && `${code} !== undefined`
}

/** Before the command: whether it is carried out at all. @returns label that ends it */
export function onlyWhere(scene: Scene, command: Command): string | undefined {
  const { draft } = scene
  const variable = command.attributes.get('condexec')
  if (variable === undefined) return undefined
  const set = isSet(scene, variable)
  if (set === undefined) {
    draft.todo(
      `carried out only where variable ${variable} is set; nothing in the story sets it, so that this always happens here.`,
    )
    return undefined
  }
  const label = `\u0000${draft.lines.length}`
  const isInverse = command.attributes.get('condexec_inverse') === 'true'
  draft.jump(label, isInverse ? set : set.replace(/ !== undefined$/, ' === undefined'))
  return label
}

/** `start_rtd` of a request: it takes time until the story goes on behind it. */
export function timerBefore({ draft }: Scene, { attributes }: Command): void {
  const starts = timerName(attributes.get('start_rtd'))
  if (starts !== undefined) draft.has(`began${starts}`, `${ref('now')}()`)
}

/** `start_rtd` and `rtd`: how long something took, told in the report. */
function timers(scene: Scene, command: Command): void {
  const { draft } = scene
  const { attributes, kind } = command
  const ends = timerName(attributes.get('rtd'))
  if (kind !== 'send') timerBefore(scene, command)
  if (ends === undefined) return
  const begun = draft.lines.findLast(
    (line) => line.kind === 'code' && line.declares?.startsWith(`began${ends}`) === true,
  )
  const from = begun?.kind === 'code' && begun.declares !== undefined ? ref(begun.declares) : '0'
  const took = from === '0' ? `${ref('now')}()` : `${ref('now')}() - ${from}`
  draft.does(`${ref('note')}(\`response time ${ends}: \${Math.round(${took})} ms\`)`)
}

const timerName = (value: string | undefined): string | undefined => {
  if (value === undefined || value === 'false') return undefined
  return value === 'true' ? '1' : value.replace(/\W/g, '')
}

/** Timers that the file stops and never starts: they begin with the call. */
export function timersFromTheBeginning({ draft, commands }: Scene): void {
  const started = new Set<string>()
  const begun = new Set<string>()
  for (const { attributes } of commands) {
    const starts = timerName(attributes.get('start_rtd'))
    const ends = timerName(attributes.get('rtd'))
    if (starts !== undefined) started.add(starts)
    if (ends === undefined || started.has(ends) || begun.has(ends)) continue
    begun.add(ends)
    draft.has(`began${ends}`, `${ref('now')}()`)
  }
}
