/** Finds the target of a run, or starts it: the embedded provider in a process of its own, or whatever a launch script starts. */
import { silenceOf } from '../provider/dead-calls.js'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { PlantedFault } from '../provider/faults.js'
import type { TargetDocument } from '../target/target-file.js'
import { TRANSPORTS } from '../scenario/target.js'
import type { World } from '../scenario/world.js'
import type { CoreTime } from './core-time.js'
import type { EmbeddedOrder } from './embedded-target.js'
import { withLocatedEndpoints } from './find-target.js'
import { runScript } from './launch-script.js'
import { startProviderProcess } from './provider-process.js'
import { LaunchError } from './target-errors.js'

/** A target file that was named. */
export interface NamedTarget {
  readonly document: TargetDocument
  /** As given on the command line. */
  readonly file: string
}

/** A target that was started, or is said to be there. */
export interface TargetUnderTest {
  readonly document: TargetDocument
  /** As given on the command line, or `embedded`. */
  readonly file: string
  /** Has its servers restarted; absent where nobody can tell them to. */
  readonly restart?: World['restart']
  /** Takes one of its servers away; absent where nobody can. */
  readonly losesServer?: World['losesServer']
  /** What its process had of this machine's cores; absent where it is not known to be one. */
  readonly coreTimes?: (() => CoreTime | undefined) | undefined
  /** Stops what was started for the run; does nothing for a target that was there before. */
  stop(): Promise<void>
}

export interface TargetOrder {
  /** Absent: the embedded provider. */
  readonly target?: NamedTarget | undefined
  readonly faults?: readonly PlantedFault[]
  /** Accounts of the embedded provider. */
  readonly accounts?: number
  /** Milliseconds that a launch script may take. Default 60,000. */
  readonly launchMs?: number
}

/** Who wants it started. */
export interface Starter {
  readonly tell: (line: string) => void
  /** Ends a start that is under way. */
  readonly signal: AbortSignal
}

/** Servers such as Kamailio with five relays take about two seconds; a cold disk may take more. */
const LAUNCH_MS = 60_000

/** @throws LaunchError, NoEndpointError, NetworkError `port-taken`, or the signal's reason */
export async function targetUnderTest(order: TargetOrder, starter: Starter): Promise<TargetUnderTest> {
  const under = await startOrFind(order, starter)
  if (under.document.launch === 'embedded' || !order.target) return under
  try {
    return { ...under, document: await withLocatedEndpoints(under.document) }
  } catch (error) {
    await under.stop()
    throw error
  }
}

async function startOrFind(order: TargetOrder, starter: Starter): Promise<TargetUnderTest> {
  const { target, faults = [], accounts } = order
  const tell = (line: string) => starter.tell(line)
  if (!target) return { ...(await startProviderProcess({ faults, accounts }, tell)), file: 'embedded' }
  const { launch } = target.document
  if (launch === undefined) return { ...target, stop: () => Promise.resolve() }
  if (launch === 'embedded') {
    const under = await startProviderProcess({ faults, ...providerOf(target.document), pinned: true }, tell)
    return { ...under, document: withAuthorityOf(under.document, target.document), file: target.file }
  }
  return launchScript(target, launch, order.launchMs ?? LAUNCH_MS, starter)
}

/** What a target file says of the embedded provider that is to be started for it. */
export function providerOf({
  accounts,
  media: { srtpOn, mikeyKey, ice, deadCallSeconds },
  services: { dtmf: { tellsBackBy: tellsDigitsBy } = {} },
}: TargetDocument): Pick<EmbeddedOrder, 'accounts' | 'policy'> {
  const encryptedOn = TRANSPORTS.filter((transport) => srtpOn[transport] === 'required')
  return {
    accounts: accounts.map(({ user, authUser = user, password, numbers, roles, callsAtATime, callsPerSecond }) => ({
      user,
      authUser,
      password: password ?? '',
      numbers,
      roles,
      ...(callsAtATime === undefined ? {} : { callsAtATime }),
      ...(callsPerSecond === undefined ? {} : { callsPerSecond }),
    })),
    policy: {
      mikeyKey,
      ...(tellsDigitsBy === undefined ? {} : { tellsDigitsBy }),
      ...(ice === undefined ? {} : { answersIce: ice === 'lite' }),
      ...(deadCallSeconds === undefined ? {} : { mediaTimeoutMs: silenceOf(deadCallSeconds) }),
      ...(Object.keys(srtpOn).length === 0 ? {} : { encryptedOn }),
    },
  }
}

/** The file's document; its certificate's authority is made at each start. */
function withAuthorityOf(started: TargetDocument, document: TargetDocument): TargetDocument {
  const { tls } = document.endpoints
  const ca = started.endpoints.tls?.ca
  return tls && ca !== undefined ? { ...document, endpoints: { ...document.endpoints, tls: { ...tls, ca } } } : document
}

async function launchScript(
  { document, file }: NamedTarget,
  launch: string,
  withinMs: number,
  { tell, signal }: Starter,
): Promise<TargetUnderTest> {
  const script = resolve(dirname(file), launch)
  if (!existsSync(script)) throw new LaunchError('script', `${file}: launch: there is no script ${script}`)
  tell(`Starting ${document.name} …`)
  const options = { script, withinMs, signal }
  const stop = () =>
    runScript('stop', options).catch((error: unknown) => {
      tell(`${script} stop: ${error instanceof Error ? error.message : String(error)}`)
    })
  try {
    await runScript('start', options)
  } catch (error) {
    await stop()
    throw error
  }
  const restart = document.restarts ? () => runScript('restart', options) : undefined
  const losesServer = async (address: string) => {
    await runScript('lose', { ...options, address })
    return () => runScript('regain', { ...options, address })
  }
  return { document, file, restart, stop, ...(document.losesServers ? { losesServer } : {}) }
}
