/** The command `agent`: its options. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import type { HepCollector } from '../../worlds/hep-sender.js'
import { hepOption, hostAndPort, pathName, portNumber, shard, wholeNumber, withDeviceOptions } from '../options.js'
import type { Shard } from '../../runner/shards.js'
import { assertUsable, scenariosWith, withScenarios } from '../own-scenarios.js'
import { namedTarget } from '../target-option.js'

interface AgentFlags {
  readonly target?: string
  readonly port: number
  readonly workers?: number
  readonly accounts?: number
  readonly local?: string[]
  readonly out?: string
  readonly metrics?: HepCollector
  readonly hep?: HepCollector
  readonly shard?: Shard
  readonly scenarios?: string[]
}

export function agentCommand(context: CliContext): Command {
  const command = new Command('agent')
    .summary('run a call agent for k6')
    .description(
      'Runs a call agent until it is interrupted: k6 orders calls from it over HTTP on loopback.\nThe bearer token is read from RINGPROOF_AGENT_TOKEN.',
    )
    .option(
      '--target <file>',
      'target file (YAML) of the provider to call (default: the embedded provider, started behind it)',
    )
    .option('--port <number>', 'port on loopback', portNumber, 8321)
    .option('--workers <number>', 'worker threads (default: one per core)', wholeNumber(1))
    .option(
      '--metrics <host:port>',
      'answer /metrics on this address, too, for a Prometheus elsewhere; the token is asked for there as well',
      hostAndPort(0),
    )
    .addOption(hepOption())
    .option(
      '--out <folder>',
      "write a report of the load when the agent ends: k6's thresholds are in it where its script exports handleSummary of ringproof/k6",
      pathName,
    )
    .option(
      '--shard <i/n>',
      'one of n parts of a load that k6 splits by execution segments: uses accounts of its own, and its share of the limits',
      shard,
    )
  return withDeviceOptions(withScenarios(command, 'your own scenarios, which clients may order'))
    .addHelpText(
      'after',
      `
Examples:
  RINGPROOF_AGENT_TOKEN=… ringproof agent
  RINGPROOF_AGENT_TOKEN=… ringproof agent --target targets/dus-net.yaml --port 8400 --workers 2
  RINGPROOF_AGENT_TOKEN=… ringproof agent --target my.yaml --shard 1/4 --out part-1`,
    )
    .action(async (flags: AgentFlags) => {
      const token = context.env.RINGPROOF_AGENT_TOKEN ?? ''
      if (token === '')
        throw new UsageError('RINGPROOF_AGENT_TOKEN is not set: set it to the bearer token that k6 will send.')
      const target = await namedTarget(flags.target)
      if (flags.shard !== undefined && target === undefined)
        throw new UsageError('A part of a load needs the target that all parts load: name it with --target.')
      const scenarios = await scenariosWith(flags.scenarios)
      assertUsable(scenarios)
      const { own } = scenarios
      const { performAgent } = await import('../agent.js')
      const { port, workers, accounts, local, out, hep, metrics: metricsAt, shard: part } = flags
      await performAgent({ target, port, workers, accounts, local, token, out, part, hep, metricsAt, own }, context)
    })
}
