/** Finds or starts the target of a run, and stops what was started, however the run ends. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultName } from '../provider/faults.js'
import type { TargetDocument } from '../target/target-file.js'
import type { CliContext } from './context.js'
import { NotRunError, UnreachableError, UsageError } from './errors.js'
import { withLocatedEndpoints } from './located-target.js'
import type { OrderedTarget } from './orders.js'
import { startProviderProcess } from './provider-process.js'

/** A target that answers. */
export interface TargetUnderTest {
  readonly document: TargetDocument
  /** As given on the command line, or `embedded`. */
  readonly file: string
  /** Stops what was started for the run; does nothing for a target that was there before. */
  stop(): Promise<void>
}

export interface TargetOrder {
  readonly target?: OrderedTarget | undefined
  readonly faults?: readonly FaultName[]
  /** Accounts of the embedded provider. */
  readonly accounts?: number
  /** Milliseconds that a launch script may take. Default 60,000. */
  readonly launchMs?: number
}

/** Servers such as Kamailio with five relays take about two seconds; a cold disk may take more. */
const LAUNCH_MS = 60_000
const LAST_WORDS_MS = 250

export async function targetUnderTest(order: TargetOrder, context: CliContext): Promise<TargetUnderTest> {
  const under = await startOrFind(order, context)
  if (under.document.launch === 'embedded' || !order.target) return under
  try {
    return { ...under, document: await withLocatedEndpoints(under.document) }
  } catch (error) {
    await under.stop()
    throw error
  }
}

async function startOrFind(order: TargetOrder, context: CliContext): Promise<TargetUnderTest> {
  const { target, faults = [], accounts } = order
  if (!target) {
    const started = await startProviderProcess({ faults, accounts }, context)
    return { document: started.document, file: 'embedded', stop: () => started.stop() }
  }
  const { launch } = target.document
  if (launch === undefined) return { ...target, stop: () => Promise.resolve() }
  if (launch === 'embedded') {
    const own = target.document.accounts.map(({ user, authUser = user, password, numbers, roles }) => {
      return { user, authUser, password: password ?? '', numbers, roles }
    })
    const started = await startProviderProcess({ faults, accounts: own, pinned: true }, context)
    return {
      document: withAuthorityOf(started.document, target.document),
      file: target.file,
      stop: () => started.stop(),
    }
  }
  return launchScript(target, launch, order.launchMs ?? LAUNCH_MS, context)
}

/** The file's document; its certificate's authority is made at each start. */
function withAuthorityOf(started: TargetDocument, document: TargetDocument): TargetDocument {
  const { tls } = document.endpoints
  const ca = started.endpoints.tls?.ca
  return tls && ca !== undefined ? { ...document, endpoints: { ...document.endpoints, tls: { ...tls, ca } } } : document
}

/** A script of the project or of the user: `SCRIPT start` prints a line that begins with `ready`, `SCRIPT stop` ends it. */
async function launchScript(
  { document, file }: OrderedTarget,
  launch: string,
  withinMs: number,
  context: CliContext,
): Promise<TargetUnderTest> {
  const script = resolve(dirname(file), launch)
  if (!existsSync(script)) throw new UsageError(`${file}: launch: there is no script ${script}`)
  context.tell(`Starting ${document.name} …`)
  const run = (verb: 'start' | 'stop') => runScript(script, verb, withinMs, context)
  const stop = async () => {
    await run('stop').catch((error: unknown) =>
      context.tell(`${script} stop: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
  try {
    await run('start')
  } catch (error) {
    await stop()
    throw error
  }
  return { document, file, stop }
}

/** Codes that a launch script ends with besides 0: what it needs is not installed (its last line says the command). */
const NOT_INSTALLED = 5

function runScript(script: string, verb: 'start' | 'stop', withinMs: number, context: CliContext): Promise<void> {
  return new Promise((done, fail) => {
    // In a group of its own: Ctrl-C at the terminal is for ringproof, which then stops the target in an orderly way.
    // The script may watch over this process: what it started must not outlive a ringproof that was killed.
    const env = { ...process.env, RINGPROOF_PID: String(process.pid), RINGPROOF_NODE: process.execPath }
    const child = spawn(script, [verb], { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env })
    let said = ''
    let timedOut = false
    const hear = (data: Buffer) => {
      said = (said + data.toString('utf8')).slice(-4000)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    // With all that it started itself: it leads a group of its own.
    const end = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal)
      } catch {
        // It is gone already.
      }
    }
    const timer = setTimeout(() => {
      timedOut = true
      end('SIGKILL')
    }, withinMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      fail(new UsageError(`${script} cannot be started: ${error.message}`))
    })
    const conclude = (code: number | null) => {
      const last = said.trim().split('\n').at(-1) ?? ''
      if (code === 0) done()
      else if (verb === 'start' && context.interruption.signal.aborted) fail(context.interruption.signal.reason)
      else if (code === NOT_INSTALLED) fail(new NotRunError(last))
      else if (timedOut)
        fail(new UnreachableError(`${script} ${verb} did not end within ${withinMs / 1000} s${words(last)}`))
      else fail(new UnreachableError(`${script} ${verb} ended with ${code ?? 'a signal'}${words(last)}`))
    }
    child.once('exit', (code) => {
      clearTimeout(timer)
      // What it said last may still be in the pipes; they stay open where it left something running with them.
      const closed = new Promise<void>((close) => child.once('close', () => close()))
      void Promise.race([closed, sleep(LAST_WORDS_MS)]).then(() => conclude(code))
    })
    // An interruption ends what is being started; what is being stopped comes to its end in any case.
    const { signal } = context.interruption
    const interrupted = () => end('SIGTERM')
    if (verb === 'start') {
      if (signal.aborted) interrupted()
      else signal.addEventListener('abort', interrupted, { once: true })
      for (const over of ['exit', 'error']) child.once(over, () => signal.removeEventListener('abort', interrupted))
    }
  })
}

const words = (last: string): string => (last === '' ? ' and said nothing' : `: ${last}`)
