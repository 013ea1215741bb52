/** The command `load`: its options, checked. */
import { Command } from 'commander'
import type { CalibrateOrder } from '../calibrate.js'
import { isLoopbackHost } from '../../target/ip-address.js'
import { nearestWord } from '../../target/did-you-mean.js'
import type { TargetDocument } from '../../target/target-file.js'
import type { TransportName } from '../../transport/flow.js'
import type { Family } from '../../transport/network.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import {
  collect,
  destinationName,
  oneOrMoreOf,
  positiveNumber,
  type ReportFlags,
  reportOrder,
  seconds,
  shard,
  wholeNumber,
  withDeviceOptions,
  withReportOptions,
} from '../options.js'
import { isProfileFile, ownProfile, ProfileError } from '../../load/own-profile.js'
import { loadProfiles, type Profile } from '../../load/profiles.js'
import { knownDeviationsOf } from '../known-deviations.js'
import type { LoadOrder } from '../orders.js'
import type { Shard } from '../../runner/shards.js'
import { assertUsable, scenariosWith, withScenarios } from '../own-scenarios.js'
import { namedTarget } from '../target-option.js'
import { faultsOf } from './run.js'

interface LoadFlags extends ReportFlags {
  readonly target?: string
  readonly profile?: string
  readonly calibrate?: boolean
  readonly calls?: number
  readonly rate?: number
  readonly hold?: number
  readonly duration?: number
  readonly allowLoad?: string
  readonly fault?: string[]
  readonly to?: string
  readonly transport?: TransportName[]
  readonly family?: Family[]
  readonly audio?: boolean
  readonly accounts?: number
  readonly local?: string[]
  readonly k6Arg?: string[]
  readonly scenarios?: string[]
  readonly shard?: Shard
}

export function loadCommand(context: CliContext): Command {
  const command = new Command('load')
    .summary('generate load with k6 and call agents and write a report')
    .description(
      'Makes many calls with audio at once: k6 schedules them, call agents make them and count every packet.\nWithout --target the embedded provider is started, loaded and stopped.',
    )
    .option('--target <file>', 'target file (YAML) of the provider to load')
    .option(
      '--profile <name>',
      "load profile ('ringproof list profiles' lists them), or the file of a k6 script of your own (docs/load-testing.md)",
    )
    .option('--calls <number>', 'number of callers, and so of calls at the same time', wholeNumber(1))
    .option('--rate <number>', 'new calls per second', positiveNumber)
    .option('--hold <seconds>', 'duration of each call', seconds)
    .option('--duration <time>', 'duration of the load, such as 90s or 5m: callers call again and again', seconds)
    .option(
      '--to <whom>',
      'who is called: echo (the echo test), account (our accounts call each other), auto (half of each, where the target has both) or a number (default: auto, unless the profile says otherwise)',
      destinationName,
    )
    .option(
      '--transport <list>',
      'what calls use, such as udp,tls: each takes an equal share of them (default: the first that the target has)',
      oneOrMoreOf(['udp', 'tcp', 'tls']),
    )
    .option(
      '--family <list>',
      'ipv4, ipv6 or both, as ipv4,ipv6 (default: ipv4, if there is one)',
      oneOrMoreOf(['ipv4', 'ipv6']),
    )
    .option('--no-audio', 'calls are set up and ended without audio: signalling alone')
    .option('--allow-load <name>', "the target's name, as a confirmation; required unless it is on loopback")
    .option(
      '--k6-arg <argument>',
      'argument that k6 gets, such as --k6-arg=--out=json=samples.json (may be repeated)',
      collect,
    )
    .option(
      '--calibrate',
      'find out how many calls this machine can generate, against a sink on it; --calls and --rate are the most that is tried, --hold the seconds of each try',
    )
    .option(
      '--shard <i/n>',
      "one of n parts of the load, each with a k6 and accounts of its own, begun at the same time; 'ringproof merge' joins their results",
      shard,
    )
    .option(
      '--fault <name>',
      'enable a fault of the embedded provider, of relays on one alone by NAME@RELAY (may be repeated)',
      collect,
    )
  const withOwn = withScenarios(command, 'your own scenarios, which profiles can run as load')
  return withReportOptions(withDeviceOptions(withOwn))
    .addHelpText(
      'after',
      `
Examples:
  ringproof load --profile load                           100 calls against the embedded provider
  ringproof load --profile load --calls 500 --hold 30     more and longer calls
  ringproof load --target targets/dus-net.yaml --profile load --rate 1 --allow-load dus.net
  ringproof load --profile soak --transport udp,tls --family ipv4,ipv6   half of the calls in SRTP, half over IPv6
  ringproof load --profile ./mix.ts --k6-arg=--out=json=samples.json
  ringproof load --calibrate                              how many calls can this machine generate?
  ringproof load --profile load --fault relay-drops-every-50th@relay-3   see how the report shows a bad relay

The limits in the target file always apply.`,
    )
    .action(async (flags: LoadFlags) => {
      if (flags.calibrate === true) {
        const { performCalibration } = await import('../calibrate.js')
        await performCalibration(calibrateOrderOf(flags), context)
        return
      }
      const order = await loadOrderOf(flags)
      const { performLoad } = await import('../load.js')
      const end = await performLoad(order, context)
      context.exitCode = end.result.exitCode
    })
}

/** Options that say nothing to a calibration. */
const OF_LOADS = [
  'target',
  'profile',
  'duration',
  'allowLoad',
  'fault',
  'to',
  'transport',
  'family',
  'audio',
  'accounts',
  'local',
  'k6Arg',
  'scenarios',
  'shard',
  'known',
  'network',
  'stranger',
  'hep',
] as const satisfies readonly (keyof LoadFlags)[]

/** @throws UsageError where something is said of a load, of which there is none */
function calibrateOrderOf(flags: LoadFlags): CalibrateOrder {
  const { calls, rate, hold, out } = flags
  const others = OF_LOADS.filter((name) => flags[name] !== undefined && (name !== 'audio' || flags.audio === false))
  if (others.length > 0) {
    const names = others.map((name) =>
      name === 'audio' ? '--no-audio' : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    )
    throw new UsageError(`--calibrate loads nothing but a sink on this machine: remove ${names.join(', ')}.`)
  }
  return { calls, rate, hold, out }
}

/** @throws UsageError where the order is wrong, or more than the target allows */
export async function loadOrderOf(flags: LoadFlags): Promise<LoadOrder> {
  const { calls, rate, hold, duration, to, transport, family, audio, accounts, allowLoad } = flags
  const faults = faultsOf(flags.fault ?? [])
  if (flags.profile === undefined) throw new UsageError("required option '--profile <name>' not specified")
  const profile = await profileOf(flags.profile)
  const target = await namedTarget(flags.target)
  const document = target?.document
  if (flags.shard !== undefined && target === undefined)
    throw new UsageError('A part of a load needs the target that all parts load: name it with --target.')
  if (faults.length > 0 && document !== undefined && document.launch !== 'embedded')
    throw new UsageError('--fault works only with the embedded provider: remove --target.')
  // Names that a DNS server on this machine knows are looked up before the first call.
  const mayBeHere = document !== undefined && (isLoopbackTarget(document) || isLoopbackHost(document.dns?.server ?? ''))
  if (document !== undefined && !mayBeHere && allowLoad !== document.name) {
    throw new UsageError(
      `${document.name} is not on this machine, and a load may disturb its users. If its operator agrees, add --allow-load ${document.name}`,
    )
  }
  if (document !== undefined && rate !== undefined && rate > document.limits.callsPerSecond) {
    throw new UsageError(
      `--rate ${rate} exceeds the target file's limit of ${document.limits.callsPerSecond} new calls per second (limits.callsPerSecond).`,
    )
  }
  const scenarios = await scenariosWith(flags.scenarios)
  assertUsable(scenarios)
  const deviations = await knownDeviationsOf(flags.known, document, () => scenarios.all)
  return {
    deviations,
    own: scenarios.own,
    target,
    profile,
    calls,
    rate,
    hold,
    duration,
    to,
    transports: transport,
    families: family,
    audio,
    accounts,
    local: flags.local,
    k6Args: flags.k6Arg,
    part: flags.shard,
    allowLoad,
    faults,
    ...(await reportOrder(flags)),
  }
}

/** A profile of the package, or the user's own. @throws UsageError */
async function profileOf(name: string): Promise<Profile> {
  if (isProfileFile(name)) {
    try {
      return await ownProfile(name)
    } catch (error) {
      throw error instanceof ProfileError ? new UsageError(error.message) : error
    }
  }
  const profiles = loadProfiles()
  const profile = profiles.find((one) => one.name === name)
  if (profile !== undefined) return profile
  const names = profiles.map((one) => one.name)
  const near = nearestWord(name, names)
  throw new UsageError(
    `There is no load profile '${name}'; ${near === undefined ? `available: ${names.join(', ')}` : `did you mean '${near}'?`}`,
  )
}

/**
 * Whether all signalling of a target stays on this machine: its endpoints are loopback addresses, or they are names that
 * a name server on loopback gives, and nothing but loopback is published. What is not plainly loopback is not.
 */
export function isLoopbackTarget(target: Pick<TargetDocument, 'endpoints' | 'dns' | 'published'>): boolean {
  const { udp, tcp, tls } = target.endpoints
  const hosts = [udp, tcp, tls].flatMap((endpoint) => (endpoint === undefined ? [] : [endpoint.host]))
  if (hosts.length > 0 && hosts.every(isLoopbackHost)) return true
  const listed = (target.published?.signalling ?? []).flatMap((entry) => entry.addresses)
  return (
    target.dns !== undefined && isLoopbackHost(target.dns.server) && listed.length > 0 && listed.every(isLoopbackHost)
  )
}
