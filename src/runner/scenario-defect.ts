/** What went wrong in ringproof or in a scenario's file, and where, as far as an exception tells. */
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReasonCode } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { ScenarioMistake } from '../scenario/mistake.js'
import { packageFolder } from '../worlds/package-folder.js'

export interface Defect {
  /** With the first lines of the stack. */
  readonly reason: string
  /** Whose mistake it is: the scenario's, where it says so itself or was thrown in its file or one beside it. */
  readonly code: Extract<ReasonCode, 'scenario-defect' | 'harness-defect'>
  readonly defect: NonNullable<ScenarioResult['defect']>
}

const STACK_LINES = 4
/** A frame of V8's stack: a path or file URL, then line and column. */
const FRAME = /\(?((?:file:\/\/)?\/[^()]+?):(\d+):(\d+)\)?$/
/** What this release brings along: a mistake that shows there is ringproof's. */
const PACKAGED = join(packageFolder, 'scenarios')

/** @param file the scenario's, as the result names it */
export function defectOf(error: unknown, file: string): Defect {
  if (!(error instanceof Error))
    return { reason: String(error), code: 'harness-defect', defect: { message: String(error) } }
  const stack = (error.stack ?? error.message).split('\n')
  const frames = stack.flatMap((line) => {
    const [, path, number, column] = FRAME.exec(line.trim()) ?? []
    return path === undefined
      ? []
      : { path: path.startsWith('file://') ? fileURLToPath(path) : path, line: Number(number), column: Number(column) }
  })
  const own = frames.find(({ path }) => path.endsWith(`/${file}`))
  const [innermost] = frames
  if (error instanceof ScenarioMistake) {
    const at = own === undefined ? { file, ...error.place } : { file, line: own.line, column: own.column }
    return {
      reason: `${error.message} (${placeText(at)})`,
      code: 'scenario-defect',
      defect: { message: error.message, ...at },
    }
  }
  const message = `${error.name}: ${error.message}`
  // What a user's own scenario hands to ringproof, and ringproof stumbles over, its author can correct.
  const isTheirs = own !== undefined && !own.path.startsWith(PACKAGED)
  if (own !== undefined && (isTheirs || innermost?.path.startsWith(folderOf(own.path, file)))) {
    const at = { file, line: own.line, column: own.column }
    return { reason: `${message} (${placeText(at)})`, code: 'scenario-defect', defect: { message, ...at } }
  }
  const where = own ?? innermost
  return {
    reason: stack.slice(0, STACK_LINES).join('\n'),
    code: 'harness-defect',
    defect: {
      message,
      ...(where === undefined
        ? {}
        : {
            file: own === undefined ? relative(process.cwd(), where.path) : file,
            line: where.line,
            column: where.column,
          }),
    },
  }
}

/** `ours/first.ts:12:5`, as editors and terminals take it. */
const placeText = ({ file, line, column }: { file: string; line?: number; column?: number }): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')

/** The folder that all scenarios lie below, `…/scenarios/`: what they share is theirs. */
function folderOf(path: string, file: string): string {
  const [top = ''] = file.split('/')
  return path.slice(0, path.length - file.length + top.length)
}
