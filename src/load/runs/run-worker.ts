/** A thread of the call agent that runs scenarios. Loaded compiled, by `RunThreads`. */
import { parentPort, workerData } from 'node:worker_threads'
import { availability, usedVariants } from '../../runner/needs.js'
import type { LoadedScenario } from '../../runner/plan.js'
import { loadScenarios } from '../../runner/scenario-files.js'
import { whyNotAsLoad } from '../../scenario/fit-for-load.js'
import { variantsOf } from '../../scenario/scenario.js'
import { knowing } from '../../scenario/target.js'
import type { Variant } from '../../scenario/variant.js'
import type { World } from '../../scenario/world.js'
import { within } from '../../clock/within.js'
import { Pace } from '../../worlds/pace.js'
import { socketStages } from '../../worlds/socket-stages.js'
import { LagMonitor } from '../../worlds/lag-monitor.js'
import { RunPerformer } from './run-performer.js'
import type { FromRunWorker, PushableScenario, RunWorkerData, ToRunWorker } from './run-protocol.js'

/** Setting up a run takes some milliseconds of CPU. */
const START_GAP_MS = 2
const SECOND_MS = 1000

if (parentPort === null) throw new Error('this is a thread of the call agent, not a program')
const port = parentPort
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by RunThreads, from this very build
const data = workerData as RunWorkerData
const send = (message: FromRunWorker) => port.postMessage(message)
const stage = await socketStages(data.document, data.line, undefined, data.hep)
const { clock } = stage.world
const world: World = { ...stage.world, target: knowing(stage.world.target, data.facts) }
const loaded = await loadScenarios(data.own)
const lag = new LagMonitor(clock)
const performer = new RunPerformer({
  world,
  scenarios: new Map(loaded.map((one) => [one.definition.id, one])),
  known: data.known,
  startMs: clock.now() + data.startedAt - clock.unixMs(),
  // Who orders more than this thread can serve is told so; it is not made slow for it.
  pace: new Pace({ clock, lateness: () => lag.recently(), gapMs: START_GAP_MS, mostMs: Number.POSITIVE_INFINITY }),
  send,
})
port.on('message', (message: ToRunWorker) => receive(message))
tellLag(clock.now())
send({ kind: 'ready', scenarios: loaded.map(pushable) })

/** Once a second. */
function tellLag(since: number): void {
  clock.after(SECOND_MS, () => {
    const now = clock.now()
    send({ kind: 'second', lagMaxMs: world.lagBetween(since, now) })
    tellLag(now)
  })
}

function receive(message: ToRunWorker): void {
  switch (message.kind) {
    case 'run':
      performer.begin(message.id, message.scenario, message.variant, message.lease)
      return
    case 'break-off':
      performer.breakOff(message.id)
      return
    case 'admitted':
      performer.admitted(message.ticket)
      return
    case 'kept':
      send({ kind: 'kept', results: performer.kept(message.folder) })
      return
    case 'notes':
      send({ kind: 'notes', notes: performer.notes() })
      return
    case 'stop':
      void within(clock, performer.stop(), message.withinMs).then(() => {
        lag.stop()
        stage.close()
        send({ kind: 'stopped' })
      })
      return
    default: {
      const never: never = message
      throw new Error(`unknown order ${String(never)}`)
    }
  }
}

function pushable({ definition }: LoadedScenario): PushableScenario {
  const unfit = whyNotAsLoad(definition)
  return {
    id: definition.id,
    devices: definition.devices,
    ...(unfit === undefined ? {} : { unfit }),
    variants: variantsOf(definition).map((variant) => {
      const why = whyNot(definition, variant)
      return { variant, ...(why === undefined ? {} : { why }) }
    }),
  }
}

function whyNot(definition: LoadedScenario['definition'], variant: Variant): string | undefined {
  const can = availability(definition, variant, data.document, 'sockets')
  if (!can.can) return can.why
  const lacking = usedVariants(definition, variant).find((used) => world.target.hop(used) === undefined)
  const blind = usedVariants(definition, variant).find(({ family }) => world.address(family) === undefined)
  if (lacking !== undefined) return `the target has no ${lacking.transport} endpoint for ${lacking.family}`
  return blind === undefined ? undefined : `this machine has no ${blind.family} address that reaches the target`
}
