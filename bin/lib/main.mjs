import { pathToFileURL } from 'node:url'
import { at } from './paths.mjs'

/** Exit code of what was asked for and could not be done here (docs: exit codes). */
const NOT_RUN = 5

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
  let main
  try {
    ;({ main } = await import(pathToFileURL(at('dist', 'src', 'cli', 'main.js')).href))
  } catch (error) {
    if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error
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
