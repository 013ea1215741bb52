/** Both ends of a call talk: whether each hears the other, unaltered, in packets whose timestamps fit what is in them. */
import { fits, paceAt } from './audio-pace.js'
import type { Device, EstablishedCall } from './device.js'
import { precondition } from './outcome.js'
import type { Rule } from './rule.js'
import { voiceAt } from './sound.js'
import { onlyWhereRelayed, type StageTools } from './stage.js'

const RECOGNISED_MS = 4_000
const LISTENS_MS = 3_000

type Tools = Pick<StageTools<Readonly<Record<'heard' | 'intact' | 'pace', Rule>>>, 'expect' | 'figure' | 'waits'>

/**
 * Holds a call against the rules `heard`, `intact` and `pace` of its scenario; of these the first alone is looked at in any case.
 * The figure `pace` is what was heard of packets that do not fit.
 */
export async function talkBothWays(
  { expect, figure, waits }: Tools,
  { caller: callersDevice, callee: calledDevice }: { readonly caller: Device; readonly callee: Device },
  call: EstablishedCall,
): Promise<void> {
  onlyWhereRelayed(call)
  const [ours, theirs] = [call.caller.media, call.callee.media]
  precondition(ours && theirs, 'the call has no audio session', 'no-audio')
  await Promise.all([ours.hears(theirs.patternId, RECOGNISED_MS), theirs.hears(ours.patternId, RECOGNISED_MS)])
  const since = callersDevice.hears(200, { to: 'INVITE' }).last?.at ?? 0
  await waits(LISTENS_MS)
  const ends = [
    { who: 'caller', voice: voiceAt(callersDevice, ours, theirs.patternId), pace: paceAt(callersDevice, since) },
    { who: 'called device', voice: voiceAt(calledDevice, theirs, ours.patternId), pace: paceAt(calledDevice, since) },
  ]
  const heard = ends.map(({ who, voice }) => ({ ...voice, words: `${who}: ${voice.words}` }))
  expect('heard', heard.map(({ words }) => words).join('; ')).toSatisfy('both hear the other', () =>
    heard.every(({ audible }) => audible),
  )
  const audible = heard.filter((one) => one.audible)
  if (audible.length > 0) expect('intact', audible).toBeIntact()
  const paces = ends.flatMap(({ pace }) => (pace === undefined ? [] : [pace]))
  if (paces.length === 0) return

  const wrong = paces.find((pace) => !fits(pace))
  if (wrong) figure('pace', wrong.words)
  expect('pace', paces.map(({ words }) => words).join('; ')).toSatisfy(
    'as much apart as they hold',
    () => wrong === undefined,
  )
}
