/** The command `list`. */
import { Argument, Command } from 'commander'
import { faultCatalogue } from '../../provider/faults.js'
import { SLOW_SECONDS, variantsOf } from '../../scenario/scenario.js'
import type { CliContext } from '../context.js'
import { loadProfiles } from '../../load/profiles.js'
import { UsageError } from '../errors.js'
import { scenariosWith, withScenarios } from '../own-scenarios.js'
import { exitCodes } from '../../verdict/exit-code.js'

/** A thing that can be listed: columns for people, the whole for programs. */
interface Row {
  readonly columns: readonly string[]
  readonly json: object
  /** It stands for a file that cannot be used. */
  readonly isMistake?: boolean
}

export function listCommand(context: CliContext): Command {
  const command = new Command('list')
    .summary('list scenarios, faults or load profiles')
    .description('Lists the scenarios, the faults of the embedded provider, or the load profiles for k6.')
    .addArgument(new Argument('<what>', 'what to list').choices(Object.keys(rowsOf)))
    .option('--json', 'print JSON')
  return withScenarios(command, 'with your own scenarios')
    .addHelpText(
      'after',
      `
Examples:
  ringproof list scenarios
  ringproof list scenarios --scenarios ./ours
  ringproof list faults --json`,
    )
    .action(async (what: keyof typeof rowsOf, flags: { json?: boolean; scenarios?: string[] }) => {
      if (flags.scenarios !== undefined && what !== 'scenarios')
        throw new UsageError(`--scenarios says nothing to a list of ${what}: remove it.`)
      const rows = await rowsOf[what](flags.scenarios)
      if (rows.some(({ isMistake }) => isMistake)) context.exitCode = exitCodes.defect
      if (flags.json) {
        context.out(
          `${JSON.stringify(
            rows.map((row) => row.json),
            null,
            2,
          )}\n`,
        )
      } else {
        context.out(table(rows.map((row) => row.columns)))
      }
    })
}

const rowsOf = {
  async scenarios(folders?: readonly string[]): Promise<Row[]> {
    return (await scenariosWith(folders)).all.map(({ definition, file, mistake }) => {
      const { id, title, area, purposes, provider = [], seconds, needs = [] } = definition
      const variants = variantsOf(definition)
      const slow = seconds > SLOW_SECONDS
      return {
        columns: [id, `${seconds} s${slow ? ', slow' : ''}`, title],
        json: { id, title, area, purposes, provider, needs, seconds, slow, variants, file },
        isMistake: mistake !== undefined,
      }
    })
  },
  faults(): Row[] {
    return faultCatalogue.map((fault) => ({ columns: [fault.name, fault.where, fault.title], json: fault }))
  },
  profiles(): Row[] {
    return loadProfiles().map(({ name, title }) => ({ columns: [name, title], json: { name, title } }))
  },
} as const

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(
      (row) =>
        `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`,
    )
    .join('')
}
