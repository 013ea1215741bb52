/** The command `record`: its options, checked. */
import { basename, dirname, extname, join } from 'node:path'
import { Command } from 'commander'
import type { TargetDocument } from '../../target/target-file.js'
import { nearestWord } from '../../target/did-you-mean.js'
import { exitCodes } from '../../verdict/exit-code.js'
import { targetUnderTest } from '../../worlds/target-under-test.js'
import { type CliContext, starterOf } from '../context.js'
import { UsageError } from '../errors.js'
import { wholeNumber } from '../options.js'
import { namedTarget } from '../target-option.js'

interface RecordFlags {
  readonly target: string
  readonly service?: string
  readonly call?: string
  readonly label: string
  readonly seconds: number
}

export function recordCommand(context: CliContext): Command {
  return new Command('record')
    .summary('keep an announcement of a target as a reference, by which it is recognised')
    .description(
      'Calls a service or number of the target, and keeps what it says beside the target file: what it sounds like, and the audio for people.\nTests of services then tell whether they hear that announcement or another one.',
    )
    .requiredOption('--target <file>', 'target file (YAML)')
    .option('--service <name>', 'service of the target file: credit, mailbox.internal …')
    .option('--call <number>', 'number to call instead')
    .requiredOption('--label <label>', 'name of the announcement')
    .option(
      '--seconds <number>',
      'length, 3 s at least; the announcement, without what changes from call to call',
      wholeNumber(3),
      6,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  ringproof record --target targets/dus-net.yaml --service credit --label credit\n  ringproof record --target targets/dus-net.yaml --service wakeUpQuery --label no-orders',
    )
    .action(async (flags: RecordFlags) => {
      const target = await namedTarget(flags.target)
      if (target === undefined) throw new UsageError('--target names the target file.')
      const { service, number } = dialledFor(flags, target.document)
      // Loaded when it is needed, so that help comes at once.
      const { keepAnnouncement, recordAnnouncement } = await import('../record.js')
      const under = await targetUnderTest({ target }, starterOf(context))
      try {
        const samples = await recordAnnouncement({
          document: under.document,
          number,
          seconds: flags.seconds,
          signal: context.interruption.signal,
        })
        if (typeof samples === 'string') {
          context.complain(`Nothing was recorded of ${number}: ${samples}`)
          context.exitCode = exitCodes.failed
          return
        }
        const name = `${basename(flags.target, extname(flags.target))}.announcements`
        const path = keepAnnouncement(join(dirname(flags.target), name), { service, label: flags.label, samples })
        context.out(`${path}\n`)
        if (target.document.announcements === undefined)
          context.out(`Write into ${flags.target}, so that it is recognised:\nannouncements: ${name}\n`)
      } finally {
        await under.stop()
      }
    })
}

/** What is dialled, and as what it is kept. @throws UsageError */
function dialledFor(
  { service, call }: RecordFlags,
  { services }: TargetDocument,
): { readonly service: string; readonly number: string } {
  if ((service === undefined) === (call === undefined)) throw new UsageError('Give either --service or --call.')
  if (call !== undefined) return { service: call, number: call }
  const numbers = new Map<string, string | undefined>([
    ['dtmfTest', services.dtmfTest],
    ['mailbox.internal', services.mailbox?.internal],
    ['mailbox.external', services.mailbox?.external],
    ...Object.entries(services.codes).map(([name, code]) => [`codes.${name}`, code] as const),
  ])
  const known = [...numbers].flatMap(([name, number]) => (number === undefined ? [] : [name]))
  const name = known.find((one) => one === service || one === `codes.${service}`)
  const number = name === undefined ? undefined : numbers.get(name)
  if (name === undefined || number === undefined) {
    const near = nearestWord(service ?? '', known)
    throw new UsageError(
      `The target file has no service '${service}'; ${near === undefined ? `it has ${known.join(', ')}` : `did you mean '${near}'?`}`,
    )
  }
  return { service: name, number }
}
