/** The command `doctor`: its options and what it prints. */
import { Command } from 'commander'
import { type CliContext, starterOf } from '../context.js'
import { examineMachine, examineTarget, type Examination } from '../doctor.js'
import { exitCodes } from '../../verdict/exit-code.js'
import { surveyLines } from '../../survey/lines.js'
import { type Survey, survey } from '../../survey/survey.js'
import { allOf } from '../../survey/survey-needs.js'
import { socketStages } from '../../worlds/socket-stages.js'
import { type NamedTarget, targetUnderTest } from '../../worlds/target-under-test.js'
import { UsageError } from '../errors.js'
import { namedTarget } from '../target-option.js'

export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .summary('check what can be tested from here, and why not the rest')
    .description(
      'Checks this machine and, with --target, the way to a provider. Without --login it makes no calls and does not register.',
    )
    .option('--target <file>', 'target file (YAML)')
    .option('--login', 'also survey the target: log every account in once, make test calls')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ringproof doctor\n  ringproof doctor --target targets/dus-net.yaml\n  ringproof doctor --target targets/dus-net.yaml --login',
    )
    .action(async (flags: { target?: string; json?: boolean; login?: boolean }) => {
      const named = await namedTarget(flags.target)
      const document = named?.document
      if (flags.login) {
        if (named === undefined) throw new UsageError('--login needs --target: it surveys a target.')
        const known = await surveyAlone(named, context)
        if (flags.json) context.out(`${JSON.stringify(known.result, null, 2)}\n`)
        else for (const line of surveyLines(known.result)) context.out(`${line}\n`)
        const isMissing = known.result.vitalSigns.some(({ verdict }) => verdict === 'fail')
        if (known.unreachable !== undefined) context.exitCode = exitCodes.unreachable
        else if (isMissing) context.exitCode = exitCodes.failed
        return
      }
      const machine = await examineMachine(context.env, document === undefined)
      const target = document === undefined ? [] : await examineTarget(document)
      const all = [...machine, ...target]
      context.out(flags.json ? `${JSON.stringify(all, null, 2)}\n` : text(all))
      const endpoints = target.filter((one) => one.topic === 'endpoint')
      if (endpoints.length > 0 && endpoints.every((one) => one.state === 'no')) context.exitCode = exitCodes.unreachable
    })
}

/** The survey of everything that the target file names, and nothing else; a target that is to be launched is, for that time. */
async function surveyAlone(target: NamedTarget, context: CliContext): Promise<Survey> {
  const under = await targetUnderTest({ target }, starterOf(context))
  try {
    const stage = await socketStages(under.document)
    try {
      const { world, startMs } = stage
      return await survey({ world, startMs, needs: allOf(under.document), signal: context.interruption.signal })
    } finally {
      stage.close()
    }
  } finally {
    await under.stop()
  }
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
