/** What went wrong in ringproof or in a scenario's file, and where, as far as an exception tells. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReasonCode } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { ScenarioMistake } from '../scenario/mistake.js'

export interface Defect {
  /** With the first lines of the stack. */
  readonly reason: string
  /** Whose mistake it is: the scenario's, where it says so itself or was thrown in its file or one beside it. */
  readonly code: Extract<ReasonCode, 'scenario-defect' | 'harness-defect'>
  readonly defect: NonNullable<ScenarioResult['defect']>
}

const STACK_LINES = 4
/** A frame of V8's stack: a path or file URL, then line and column. */
const FRAME = /\(?((?:file:\/\/)?\/[^()\s]+):(\d+):\d+\)?$/

/** @param file the scenario's, as the result names it */
export function defectOf(error: unknown, file: string): Defect {
  if (!(error instanceof Error))
    return { reason: String(error), code: 'harness-defect', defect: { message: String(error) } }
  const stack = (error.stack ?? error.message).split('\n')
  const frames = stack.flatMap((line) => {
    const [, path, number] = FRAME.exec(line.trim()) ?? []
    return path === undefined
      ? []
      : { path: path.startsWith('file://') ? fileURLToPath(path) : path, line: Number(number) }
  })
  const own = frames.find(({ path }) => path.endsWith(`/${file}`))
  const [innermost] = frames
  if (error instanceof ScenarioMistake) {
    const at = own === undefined ? { file } : { file, line: own.line }
    return {
      reason: `${error.message} (${file}${own === undefined ? '' : `:${own.line}`})`,
      code: 'scenario-defect',
      defect: { message: error.message, ...at },
    }
  }
  const where = own ?? innermost
  return {
    reason: stack.slice(0, STACK_LINES).join('\n'),
    code:
      own !== undefined && innermost?.path.startsWith(folderOf(own.path, file)) ? 'scenario-defect' : 'harness-defect',
    defect: {
      message: `${error.name}: ${error.message}`,
      ...(where === undefined
        ? {}
        : { file: own === undefined ? relative(process.cwd(), where.path) : file, line: where.line }),
    },
  }
}

/** The folder that all scenarios lie below, `…/scenarios/`: what they share is theirs. */
function folderOf(path: string, file: string): string {
  const [top = ''] = file.split('/')
  return path.slice(0, path.length - file.length + top.length)
}
