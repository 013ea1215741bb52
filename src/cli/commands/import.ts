/** The command `import`: its options. */
import { Argument, Command } from 'commander'
import type { CliContext } from '../context.js'
import { pathName, wholeNumber } from '../options.js'

interface ImportFlags {
  readonly out?: string
  readonly service?: string
  readonly inf?: string
  readonly pause?: number
  readonly target?: string
  readonly force?: boolean
}

export function importCommand(context: CliContext): Command {
  return new Command('import')
    .summary('make a scenario of one for SIPp')
    .description(
      'Makes a scenario in TypeScript of an XML file for SIPp, and says what that file never checked. What it cannot take over\nstands in it as a TODO, and in the notes. The file is read and never executed; nothing is sent.',
    )
    .addArgument(new Argument('<format>', 'what the file is written for').choices(['sipp']))
    .argument('<file>', 'the scenario, as sipp -sf takes it; - reads it from standard input: sipp -sd uac | …')
    .option('--out <file>', 'where to write it (default: NAME.ts in the working folder)', pathName)
    .option('--service <number>', 'what [service] stands for, as sipp -s (default: another device of the run)')
    .option('--inf <file>', 'injection file, as sipp -inf: a scenario for each row', pathName)
    .option('--pause <ms>', 'what <pause/> stands for, as sipp -d (default: 1000)', wholeNumber(0))
    .option('--target <file>', 'say which numbers of it this target file does not allow to be dialled', pathName)
    .option('--force', 'overwrite a file that is there already')
    .addHelpText(
      'after',
      `
Examples:
  ringproof import sipp register.xml --out ours/register.ts
  ringproof import sipp call.xml --service '*43' --target ringproof/target.yaml --out ours/call.ts
  ringproof import sipp numbers.xml --inf numbers.csv --out ours/numbers.ts
  sipp -sd uac | ringproof import sipp - --out ours/uac.ts
  ringproof run --scenarios ours --only sipp/                    run what was imported`,
    )
    .action(async (_format: string, file: string, flags: ImportFlags) => {
      const { performImport } = await import('../import.js')
      await performImport({ file, ...flags }, context)
    })
}
