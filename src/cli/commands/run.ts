/** The command `run`: its options, checked. */
import { Command, Option } from 'commander'
import { variantsOf } from '../../scenario/scenario.js'
import { AREAS } from '../../scenario/vocabulary.js'
import { defaultAddresses } from '../../provider/addresses.js'
import { type Fault, faultCatalogue, partsOf, type PlantedFault } from '../../provider/faults.js'
import type { LoadedScenario, Selection } from '../../runner/plan.js'
import { matches } from '../../runner/plan.js'
import { dealt, type Shard } from '../../runner/shards.js'
import { nearestWord } from '../../target/did-you-mean.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { collect, type ReportFlags, reportOrder, shard as shardOf, wholeNumber, withReportOptions } from '../options.js'
import { knownDeviationsOf } from '../known-deviations.js'
import { scenariosWith, withScenarios } from '../own-scenarios.js'
import type { ConformanceOrder } from '../orders.js'
import type { NamedTarget } from '../../worlds/target-under-test.js'
import { namedTarget } from '../target-option.js'

/** Options of `run`, as commander gives them. */
interface RunFlags extends ReportFlags {
  readonly target?: string
  readonly only?: string[]
  readonly scenarios?: string[]
  readonly area?: string
  readonly transport?: string
  readonly family?: string
  readonly slow?: boolean
  readonly clock: 'wall' | 'virtual'
  readonly seed?: number
  readonly shard?: Shard
  readonly fault?: string[]
  readonly keepTls?: boolean
}

export function runCommand(context: CliContext): Command {
  const command = new Command('run')
    .summary('run the conformance scenarios against a target and write a report')
    .description(
      'Runs the conformance scenarios against a target and writes a report.\nWithout --target the embedded provider is started, tested and stopped.',
    )
    .option('--target <file>', 'target file (YAML) of the provider to test')
    .option(
      '--only <pattern>',
      'id, part of an id, pattern with *, test purpose or provider row (may be repeated)',
      collect,
    )
    .addOption(new Option('--area <area>', 'only this area').choices(Object.keys(AREAS)))
    .addOption(new Option('--transport <transport>', 'only this transport').choices(['udp', 'tcp', 'tls']))
    .addOption(new Option('--family <family>', 'only this address family').choices(['ipv4', 'ipv6']))
    .option('--slow', 'include scenarios that take longer than 40 s')
    .addOption(
      new Option('--clock <clock>', 'virtual: simulated time, the whole run takes seconds; embedded provider only')
        .choices(['wall', 'virtual'])
        .default('wall'),
    )
    .option(
      '--seed <number>',
      'seed of random choices; with --clock virtual, the same seed repeats a run',
      wholeNumber(0),
    )
    .option(
      '--shard <i/n>',
      'run the i-th of n parts, with accounts that no other part uses; ringproof merge joins their results',
      shardOf,
    )
    .option('--fault <name>', 'enable a fault of the embedded provider (may be repeated)', collect)
    .option(
      '--keep-tls',
      'keep TLS as it was on the wire, too, in evidence/*.tls.pcapng with the keys that decrypt it: whoever has these files can read passwords’ proofs and everything else',
    )
  return withReportOptions(withScenarios(command, 'your own scenarios, run beside the built-in ones'))
    .addHelpText(
      'after',
      `
Examples:
  ringproof run                                          the embedded provider, without slow scenarios
  ringproof run --target targets/dus-net.yaml            a real provider; accounts come from the environment
  ringproof run --only 'registrar/*' --transport tls     registration over TLS
  ringproof run --clock virtual --slow --seed 7          everything in simulated time, the same every time
  ringproof run --fault invite-not-resent                see which scenarios detect a fault
  ringproof run --scenarios ./ours                       your own scenarios beside the built-in ones

Exit codes: 0 everything passed (warnings included), 1 a check failed, 2 wrong usage or target file, 3 target not
reachable, 4 everything inconclusive, 5 something was not run, 6 a defect of ringproof or of a scenario,
130/143 interrupted.`,
    )
    .action(async (flags: RunFlags) => {
      const order = await orderOf(flags)
      // Loaded when it is needed, so that help and lists come at once.
      const { performConformance } = await import('../conformance.js')
      const end = await performConformance(order, context)
      context.exitCode = end.result.exitCode
    })
}

/**
 * Checks the options of a conformance run against each other and against what there is.
 * @throws UsageError
 */
export async function orderOf(flags: RunFlags): Promise<ConformanceOrder> {
  const faults = faultsOf(flags.fault ?? [])
  const named = await namedTarget(flags.target)
  if (named !== undefined && named.document.launch !== 'embedded') {
    if (faults.length > 0) throw new UsageError('--fault works only with the embedded provider: remove --target.')
    if (flags.clock === 'virtual') {
      throw new UsageError(
        '--clock virtual works only with the embedded provider: remove --target, or use --clock wall.',
      )
    }
  }
  if (flags.clock === 'virtual' && flags.hep !== undefined)
    throw new UsageError('--hep sends what is on the wire, and --clock virtual has none: use --clock wall.')
  if (flags.clock === 'virtual' && flags.keepTls === true) {
    throw new UsageError(
      '--keep-tls keeps what is on the wire, and --clock virtual encrypts nothing: use --clock wall.',
    )
  }
  const { only, area, transport, family, slow } = flags
  const { own, all } = await scenariosWith(flags.scenarios)
  for (const pattern of only ?? []) checkPattern(pattern, all)
  const selection: Selection = {
    ...(only === undefined ? {} : { only }),
    ...(area === undefined ? {} : { area }),
    ...(transport === undefined ? {} : { transport }),
    ...(family === undefined ? {} : { family }),
    ...(slow === undefined ? {} : { slow }),
  }
  checkSelection(selection, all)
  // A run on the wall clock is never quite the same twice; its seed is told in the report all the same.
  const seed = flags.seed ?? (flags.clock === 'virtual' ? 1 : Math.floor(Math.random() * 2 ** 31))
  const { clock, shard } = flags
  const deviations = await knownDeviationsOf(flags.known, named?.document, () => all)
  const { scenarios, target, warning } = partOf(all, shard, selection, named)
  return {
    target,
    warning,
    scenarios,
    own,
    selection,
    clock,
    seed,
    faults,
    shard,
    deviations,
    keepTls: flags.keepTls,
    ...(await reportOrder(flags)),
  }
}

/** `NAME` or, of relays, `NAME@RELAY`. @throws UsageError for a name that is no fault's, or no relay's */
export function faultsOf(planted: readonly string[]): PlantedFault[] {
  return planted.map((one): PlantedFault => {
    const { name, relay } = partsOf(one)
    const fault = faultCatalogue.find((known: Fault) => known.name === name)
    if (fault !== undefined && relay === '' && !one.includes('@')) return fault.name
    if (fault !== undefined) {
      const relays = defaultAddresses().relays.map((known) => known.name)
      if (fault.where !== 'relay')
        throw new UsageError(`The fault '${name}' is none of a relay: write it without '@${relay}'.`)
      if (!relays.includes(relay))
        throw new UsageError(`The embedded provider has no relay '${relay}': choose one of ${relays.join(', ')}.`)
      return `${fault.name}@${relay}`
    }
    const near = nearestWord(
      name,
      faultCatalogue.map((one) => one.name),
    )
    const advice = near === undefined ? "'ringproof list faults' shows them all" : `did you mean '${near}'?`
    throw new UsageError(`There is no fault '${name}'; ${advice}`)
  })
}

/** The scenarios and the accounts of a part; all of them where the run is not split. */
function partOf(
  scenarios: readonly LoadedScenario[],
  shard: Shard | undefined,
  selection: Selection,
  target: NamedTarget | undefined,
): Pick<ConformanceOrder, 'scenarios' | 'target' | 'warning'> {
  if (shard === undefined) return { scenarios, target }
  // Of the embedded provider each part starts its own.
  const isShared = target !== undefined && target.document.launch === undefined
  const part = dealt(scenarios, shard, { selection, document: isShared ? target.document : undefined })
  return {
    scenarios: part.scenarios,
    target: target && part.document ? { ...target, document: part.document } : target,
    warning: part.warning,
  }
}

function checkPattern(pattern: string, scenarios: readonly LoadedScenario[]): void {
  if (scenarios.some(({ definition }) => matches(pattern, definition))) return
  const known = scenarios.flatMap(({ definition }) => [definition.id, ...definition.purposes])
  const near = nearestWord(pattern, known)
  const advice = near === undefined ? "'ringproof list scenarios' shows them all" : `did you mean '${near}'?`
  throw new UsageError(`No scenario matches '${pattern}'; ${advice}${unusableOnes(scenarios)}`)
}

function checkSelection(selection: Selection, scenarios: readonly LoadedScenario[]): void {
  const { only = [], area, transport, family } = selection
  if (scenarios.length === 0 || (only.length === 0 && area === undefined)) return
  const some = scenarios.some(
    ({ definition }) =>
      (area === undefined || definition.area === area) &&
      (only.length === 0 || only.some((pattern) => matches(pattern, definition))) &&
      variantsOf(definition).some(
        (variant) =>
          (transport === undefined || variant.transport === transport) &&
          (family === undefined || variant.family === family),
      ),
  )
  if (some) return
  const advice = 'No scenario matches --only, --area, --transport and --family combined: remove one of them.'
  throw new UsageError(`${advice}${unusableOnes(scenarios)}`)
}

/** What is looked for may stand in a file that cannot be loaded, which has only its file's name then. */
function unusableOnes(scenarios: readonly LoadedScenario[]): string {
  const mistakes = scenarios.flatMap(({ mistake }) => mistake ?? [])
  return mistakes.length === 0 ? '' : `\nIt may be in a file that cannot be loaded:\n  ${mistakes.join('\n  ')}`
}
