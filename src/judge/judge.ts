/** Judges a capture: the one entry. */
import type { Capture } from '../capture/events.js'
import type { JudgedFinding, JudgeResult } from '../result/judge-result.js'
import { inOrder, judgementOf } from '../verdict/judged.js'
import type { Call } from './calls.js'
import { filterOfCall, filterOfRegistration } from './filters.js'
import { Findings } from './findings.js'
import { LadderRoom } from './ladders.js'
import { limitsOf } from './limits.js'
import { otherLegs } from './other-legs.js'
import type { Registration } from './registrations.js'
import { JUDGE_RULES } from './rules.js'
import { type Scene, sceneOf } from './scene.js'
import { StandingChecks } from './standing.js'
import type { Stream } from './streams.js'
import { callSubject, registrationSubject, streamRow } from './subjects.js'
import type { ServerWanted } from './viewpoint.js'

export interface JudgeOptions {
  /** Who the provider is; absent: it is told by what it does. */
  readonly server?: ServerWanted | undefined
  /** A Call-ID, or a number or name that calls or is called; absent: all. */
  readonly call?: string | undefined
}

export type Judged = Omit<JudgeResult, 'schemaVersion' | 'ringproof' | 'command' | 'file'>

/** Ladders that a page holds: of what something was found in first. */
const MOST_LADDERS = 60
const MOST_SUBJECTS = 2_000
const MOST_STREAMS = 2_000

export function judgeCapture(capture: Capture, { server, call }: JudgeOptions = {}): Judged {
  let standing: StandingChecks | undefined
  const scene = sceneOf(capture, {
    server,
    only: call === undefined ? undefined : (one) => isNamed(one, call),
    listener: (...all) => (standing = new StandingChecks(...all)),
  })
  const keys = new Map<Call | Registration, string>()
  scene.calls.forEach((one, index) => keys.set(one, `call-${index + 1}`))
  scene.registrations.forEach((one, index) => keys.set(one, `registration-${index + 1}`))
  const collected = new Findings(
    (about) => keys.get(about),
    (about) => ('callId' in about ? filterOfCall(about) : filterOfRegistration(about)),
  )
  for (const rule of JUDGE_RULES) rule.look(scene, (observation) => collected.add(rule, observation))
  // What is asked about one call is not answered by what others showed.
  const noticed = call === undefined ? (standing?.findings(scene, (about) => keys.get(about)) ?? []) : []
  const findings = inOrder([...collected.all, ...noticed])
  const judged =
    scene.calls.filter(({ legs }) => legs.length > 0).length + scene.registrations.length + otherExchanges(scene)
  return {
    startedAt: new Date(capture.from).toISOString(),
    endedAt: new Date(capture.until).toISOString(),
    ...judgementOf(findings, judged),
    packets: capture.packets,
    links: [...capture.links],
    servers: [...scene.view.servers],
    serversWhy: scene.view.serversWhy,
    where: scene.view.where,
    whereWhy: scene.view.whereWhy,
    limits: limitsOf(capture, scene),
    counts: {
      messages: scene.messages.length,
      calls: scene.calls.length,
      registrations: scene.registrations.length,
      streams: scene.streams.length,
    },
    ...listed(scene, findings, keys),
    findings,
  }
}

/** OPTIONS, SUBSCRIBE, MESSAGE … that were answered. */
const otherExchanges = ({ transactions }: Scene): number =>
  transactions.filter(
    ({ method, responses }) => !['REGISTER', 'INVITE', 'BYE'].includes(method) && responses.length > 0,
  ).length

const isNamed = ({ callId, from, to }: Call, wanted: string): boolean => [callId, from, to].includes(wanted)

function listed(
  scene: Scene,
  findings: readonly JudgedFinding[],
  keys: ReadonlyMap<Call | Registration, string>,
): Pick<Judged, 'calls' | 'registrations' | 'streams'> {
  const found = new Set(findings.flatMap(({ seen }) => seen.flatMap(({ of }) => of ?? [])))
  const room = new LadderRoom()
  let ladders = 0
  const troubled = [...keys].filter(([, key]) => found.has(key)).length
  const isShown = (key: string): boolean => {
    const isFound = found.has(key)
    if (isFound ? ladders >= MOST_LADDERS : ladders + Math.max(0, troubled) >= MOST_LADDERS) return false
    ladders++
    return true
  }
  const keyOfFirst = (call: Call) => {
    const first = firstLegs.get(call)
    return first === undefined ? undefined : keys.get(first)
  }
  const streamKeys = new Map(scene.streams.map((stream, index) => [stream, `stream-${index + 1}`]))
  const ofCall = streamsByCall(scene)
  const callOfStream = new Map(
    [...ofCall].flatMap(([call, streams]) => streams.map((one) => [one, keys.get(call)] as const)),
  )
  const firstLegs = otherLegs(scene.calls)
  const byTrouble = <T extends Call | Registration>(all: readonly T[]): T[] =>
    all.toSorted((a, b) => Number(found.has(keys.get(b) ?? '')) - Number(found.has(keys.get(a) ?? '')))
  const calls = byTrouble(scene.calls)
    .slice(0, MOST_SUBJECTS)
    .map((call) => {
      const key = keys.get(call) ?? ''
      const streams = ofCall.get(call) ?? []
      return callSubject(call, key, {
        scene,
        streams,
        keyOfStream: (one) => streamKeys.get(one) ?? '',
        room,
        isShown: isShown(key),
        legOf: keyOfFirst(call),
      })
    })
  const registrations = byTrouble(scene.registrations)
    .slice(0, MOST_SUBJECTS)
    .map((one) => registrationSubject(one, keys.get(one) ?? '', { scene, room, isShown: isShown(keys.get(one) ?? '') }))
  const streams = scene.streams
    .slice(0, MOST_STREAMS)
    .map((stream) => streamRow(stream, streamKeys.get(stream) ?? '', scene, callOfStream.get(stream)))
  return { calls: calls.toSorted((a, b) => a.atMs - b.atMs), registrations, streams }
}

/** By the places that a call's session descriptions name. */
function streamsByCall({ calls, streams, media }: Scene): Map<Call, Stream[]> {
  const byId = new Map(calls.map((call) => [call.callId, call]))
  const found = new Map<Call, Stream[]>()
  for (const stream of streams) {
    const place = media.at(stream.to, stream.lastAt) ?? media.at(stream.from, stream.lastAt)
    const call = place === undefined ? undefined : byId.get(place.description.seen.callId)
    if (call === undefined) continue
    const list = found.get(call)
    if (list === undefined) found.set(call, [stream])
    else list.push(stream)
  }
  return found
}
