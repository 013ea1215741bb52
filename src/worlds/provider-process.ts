/**
 * The embedded provider in a process of its own, so that its work makes no call of ours late. This file is both sides:
 * started by `fork`, it is the child; imported, it starts one.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from '../scenario/world.js'
import type { TargetDocument } from '../target/target-file.js'
import { NetworkError, type NetworkErrorCode } from '../transport/network.js'
import { type EmbeddedOrder, type EmbeddedTarget, startEmbedded } from './embedded-target.js'
import { childEnvironment } from './child-environment.js'
import { type CoreTime, coreTimeOf } from './core-time.js'
import { compiledFile } from './package-folder.js'
import { LaunchError } from './target-errors.js'

type FromProvider =
  | { readonly kind: 'ready'; readonly document: TargetDocument }
  | { readonly kind: 'done' }
  | { readonly kind: 'not done'; readonly message: string }
  | { readonly kind: 'tell'; readonly line: string }
  | { readonly kind: 'failed'; readonly message: string; readonly code: NetworkErrorCode | undefined }

/** What is done to it while it runs. */
type Disturbance = 'restart' | { readonly loses: string } | { readonly regains: string }
/** Its first message is the order; each later one a disturbance. */
type ToProvider = EmbeddedOrder | Disturbance

const STOP_MS = 5_000

/** Starts the embedded provider in a process of its own. @throws NetworkError `port-taken` when no place is free, LaunchError when its process is killed */
export function startProviderProcess(
  order: EmbeddedOrder,
  tell: (line: string) => void,
): Promise<
  Pick<World, 'restart' | 'losesServer'> & {
    readonly document: TargetDocument
    readonly coreTimes: () => CoreTime | undefined
    readonly stop: () => Promise<void>
  }
> {
  // Its own group: Ctrl-C at the terminal is for ringproof, which hangs up first.
  const child = fork(compiledFile('src/worlds/provider-process.ts'), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: childEnvironment(),
    execArgv: ['--enable-source-maps'],
  })
  const gone = new Promise<Ended>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  const stop = () => stopChild(child, gone)
  const tells = (what: Disturbance) => disturb(child, gone, what)
  const coreTimes = () => (child.pid === undefined ? undefined : coreTimeOf(child.pid))
  const losesServer = async (address: string) => {
    await tells({ loses: address })
    return () => tells({ regains: address })
  }
  return new Promise((resolve, reject) => {
    void gone.then((how) => reject(endedEarly(how)))
    child.once('error', reject)
    child.on('message', (message: FromProvider) => {
      if (message.kind === 'tell') tell(message.line)
      else if (message.kind === 'failed') reject(failureOf(message))
      else if (message.kind === 'ready')
        resolve({ document: message.document, restart: () => tells('restart'), losesServer, coreTimes, stop })
    })
    child.send(order satisfies ToProvider)
  })
}

const failureOf = ({ code, message }: Extract<FromProvider, { kind: 'failed' }>): Error =>
  code === undefined ? new Error(message) : new NetworkError(code, message)

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A signal comes from outside; an exit of its own accord is a defect. */
const endedEarly = ({ code, signal }: Ended): Error =>
  signal === null
    ? new Error(`the embedded provider's process ended with ${code}`)
    : new LaunchError(
        'failed',
        `The embedded provider's process was ended by ${signal}, by somebody or for lack of memory: run again.`,
      )

/** @throws Error where it was not done */
async function disturb(child: ChildProcess, gone: Promise<Ended>, what: Disturbance): Promise<void> {
  const told = new Promise<void>((resolve, reject) => {
    const hear = (message: FromProvider) => {
      if (message.kind !== 'done' && message.kind !== 'not done') return
      child.off('message', hear)
      if (message.kind === 'done') resolve()
      else reject(new Error(message.message))
    }
    child.on('message', hear)
  })
  child.send(what satisfies ToProvider)
  await Promise.race([told, gone.then((how) => Promise.reject(endedEarly(how)))])
}

async function stopChild(child: ChildProcess, gone: Promise<unknown>): Promise<void> {
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  // The end of the channel is what tells it to stop: so it does too when this process dies.
  if (child.connected) child.disconnect()
  await gone
  clearTimeout(patience)
}

// --- the child ------------------------------------------------------------------------------------------------------

async function done(under: EmbeddedTarget, what: ToProvider): Promise<void> {
  if (what === 'restart') await under.restart()
  else if ('loses' in what) await under.loses(what.loses)
  else if ('regains' in what) await under.regains(what.regains)
}

function serve(): void {
  const send = (message: FromProvider) => {
    if (process.connected) process.send?.(message)
  }
  // Signals are for the parent; the channel's end is for us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.once('message', (order: EmbeddedOrder) => {
    const starting = startEmbedded(order, (line) => send({ kind: 'tell', line }))
    process.once('disconnect', () => {
      // Nobody is left who would hear of trouble.
      const end = () => process.exit(0)
      setTimeout(end, STOP_MS).unref()
      starting.then((under) => under.stop()).then(end, end)
    })
    starting.then(
      (under) => {
        process.on('message', (message: ToProvider) => {
          done(under, message).then(
            () => send({ kind: 'done' }),
            (error: unknown) => send({ kind: 'not done', message: String(error) }),
          )
        })
        send({ kind: 'ready', document: under.document })
      },
      (error: unknown) => {
        send({
          kind: 'failed',
          message: error instanceof Error ? error.message : String(error),
          code: error instanceof NetworkError ? error.code : undefined,
        })
        setTimeout(() => process.exit(1), 200)
      },
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send !== undefined) serve()
