/** The command `agent`: its options. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { portNumber, wholeNumber } from '../options.js'
import { namedTarget } from '../target-option.js'

interface AgentFlags {
  readonly target?: string
  readonly port: number
  readonly workers?: number
}

export function agentCommand(context: CliContext): Command {
  return new Command('agent')
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
    .addHelpText(
      'after',
      `
Examples:
  RINGPROOF_AGENT_TOKEN=… ringproof agent
  RINGPROOF_AGENT_TOKEN=… ringproof agent --target targets/dus-net.yaml --port 8400 --workers 2`,
    )
    .action(async (flags: AgentFlags) => {
      const token = context.env.RINGPROOF_AGENT_TOKEN ?? ''
      if (token === '')
        throw new UsageError('RINGPROOF_AGENT_TOKEN is not set: set it to the bearer token that k6 will send.')
      const target = await namedTarget(flags.target)
      const { performAgent } = await import('../agent.js')
      await performAgent({ target, port: flags.port, workers: flags.workers, token }, context)
    })
}
