/** The command `doctor`: its options and what it prints. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { examineMachine, examineTarget, type Examination } from '../doctor.js'
import { exitCodes } from '../../verdict/exit-code.js'
import { namedTarget } from '../target-option.js'

export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .summary('check what can be tested from here, and why not the rest')
    .description('Checks this machine and, with --target, the way to a provider. Makes no calls and does not register.')
    .option('--target <file>', 'target file (YAML)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  ringproof doctor\n  ringproof doctor --target targets/dus-net.yaml')
    .action(async (flags: { target?: string; json?: boolean }) => {
      const document = (await namedTarget(flags.target))?.document
      const machine = await examineMachine(context.env)
      const target = document === undefined ? [] : await examineTarget(document)
      const all = [...machine, ...target]
      context.out(flags.json ? `${JSON.stringify(all, null, 2)}\n` : text(all))
      const endpoints = target.filter((one) => one.topic === 'endpoint')
      if (endpoints.length > 0 && endpoints.every((one) => one.state === 'no')) context.exitCode = exitCodes.unreachable
    })
}

const signs = { yes: 'yes ', no: 'no  ', unknown: '?   ' } as const

function text(examinations: readonly Examination[]): string {
  const lines = examinations.map((one) => {
    const advice = one.advice === undefined ? '' : `\n       ${one.advice}`
    return `${signs[one.state]} ${one.what}: ${one.found}${advice}\n`
  })
  const missing = examinations.filter((one) => one.state === 'no').length
  const summary =
    missing === 0
      ? 'Everything can be tested from here.'
      : `${missing} of ${examinations.length} checks limit what can be tested from here.`
  return `${lines.join('')}\n${summary}\n`
}
