import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { resultSchema, type RunResult } from '../../result/result.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'

export function reportCommand(context: CliContext): Command {
  return new Command('report')
    .summary("render a run's report again from its result.json")
    .description('Renders index.html, junit.xml and summary.md of a run again, from its result.json alone.')
    .argument('<folder>', "the run's folder, or its result.json")
    .addHelpText('after', '\nExamples:\n  ringproof report reports/latest\n  ringproof report artifacts/result.json')
    .action(async (path: string) => {
      const { folder, result } = readResult(path)
      const { writeReport } = await import('../report.js')
      await writeReport(folder, result)
      context.out(`${join(folder, 'index.html')}\n`)
    })
}

/** Reads a run's result from its folder or file. @throws UsageError where there is none, or none that fits */
export function readResult(path: string): { folder: string; result: RunResult } {
  const isFolder = existsSync(path) && statSync(path).isDirectory()
  const file = isFolder ? join(path, 'result.json') : path
  if (!existsSync(file)) throw new UsageError(`There is no ${file}; name the folder of a run, such as reports/latest.`)
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new UsageError(`${file} is not JSON: it was not written by ringproof, or not to its end.`)
  }
  const parsed = resultSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new UsageError(`${file} is not a result of ringproof: ${issue?.path.join('.')}: ${issue?.message}.`)
  }
  return { folder: dirname(file), result: parsed.data }
}
