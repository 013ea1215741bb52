import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { at } from './paths.mjs'

/** Exit code of what was asked for and could not be done here (docs: exit codes). */
const NOT_RUN = 5

/**
 * Whether a module could not be loaded because this process may open too few files. Node.js says so plainly, except
 * where it looks for a package's main file: one that it cannot open is one that is not there (ERR_MODULE_NOT_FOUND).
 */
const isOfTooFewFiles = (error, limit) =>
  error?.code === 'EMFILE' || error?.code === 'ENFILE' || (error?.code === 'ERR_MODULE_NOT_FOUND' && limit < 256)

/** How many files this process may open (Linux; proc(5)); NaN where that cannot be told. */
function descriptorLimit() {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1])
  } catch {
    return Number.NaN
  }
}

/**
 * Runs the command line in this process and sets what it ends with.
 * @param {string[]} args
 */
export async function runMain(args) {
  let unwritten = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      // Whoever reads our output may have seen enough (`ringproof list scenarios | head`), or closed the terminal.
      if (error.code === 'EPIPE' || error.code === 'EIO' || unwritten) return
      unwritten = true
      if (stream === process.stdout)
        process.stderr.write(`The output cannot be written (${error.code}); the report's files are not concerned.\n`)
      if (process.exitCode === 0) process.exitCode = NOT_RUN
    })
  }
  process.setSourceMapsEnabled(true)
  // Asked before: where too many are open, this cannot be read either.
  const limit = descriptorLimit()
  let main
  try {
    ;({ main } = await import(pathToFileURL(at('dist', 'src', 'cli', 'main.js')).href))
  } catch (error) {
    if (!isOfTooFewFiles(error, limit)) throw error
    console.error('This process may open too few files; permit more with ulimit -n 1024, and run again.')
    process.exit(NOT_RUN)
  }
  const code = await main(args)
  process.exitCode = code === 0 && unwritten ? NOT_RUN : code
  // All is done and reported: an interruption that comes now changes nothing about it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit())
  // … nor while Node takes itself down, which leaves signals to the kernel where it is not told to exit.
  process.once('beforeExit', () => process.exit())
  // What a command forgot to close must not keep the process from ending.
  setTimeout(() => process.exit(), 3000).unref()
}
