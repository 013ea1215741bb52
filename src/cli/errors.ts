/** How a command ends that cannot be carried out. */
import { storageTrouble } from '../evidence/storage-trouble.js'
import { K6MissingError } from '../load/k6-program.js'
import { LoadNotAllowedError } from '../load/not-allowed.js'
import { TargetFileError } from '../target/target-problem.js'
import { NetworkError } from '../transport/network.js'
import { ScenarioFolderError } from '../runner/own-scenarios.js'
import { LocalAddressError } from '../worlds/local-addresses.js'
import { LaunchError, NoEndpointError } from '../worlds/target-errors.js'
import { exitCodes } from '../verdict/exit-code.js'

/** The command line asks for something that does not go. The message is a sentence that says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The target does not answer at all. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/** Something that was asked for cannot be run here. */
export class NotRunError extends Error {
  override readonly name = 'NotRunError'
}

const LAUNCH_CODES = { script: exitCodes.usage, 'not-installed': exitCodes.notRun, failed: exitCodes.unreachable }

/** What this machine lacks, in a sentence; undefined where it is something else. Neither the target's fault nor a defect. */
function machineLimit(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'no-descriptors')
    return 'This process has run out of file descriptors; permit more with ulimit -n 1024, and run again.'

  const why = storageTrouble(error)
  return why === undefined ? undefined : `A file cannot be written: ${why} (${messageOf(error)}).`
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** How a command that threw ends: its exit code, and what is said. */
export function endOf(error: unknown): { code: number; message: string } {
  const isUsers = [UsageError, TargetFileError, LoadNotAllowedError, LocalAddressError, ScenarioFolderError].some(
    (one) => error instanceof one,
  )
  if (error instanceof Error && isUsers) return { code: exitCodes.usage, message: error.message }

  if (error instanceof LaunchError) return { code: LAUNCH_CODES[error.code], message: error.message }
  if (error instanceof UnreachableError || error instanceof NoEndpointError)
    return { code: exitCodes.unreachable, message: error.message }

  if (error instanceof NotRunError || error instanceof K6MissingError)
    return { code: exitCodes.notRun, message: error.message }

  if (error instanceof NetworkError && (error.code === 'port-taken' || error.code === 'address'))
    return { code: exitCodes.notRun, message: error.message }

  const limit = machineLimit(error)
  if (limit !== undefined) return { code: exitCodes.notRun, message: limit }

  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: exitCodes.defect, message: `Internal error, a defect of ringproof:\n${told}` }
}
