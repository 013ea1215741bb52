import { pathToFileURL } from 'node:url'
import { at } from './paths.mjs'

/**
 * Runs the command line in this process and sets what it ends with.
 * @param {string[]} args
 */
export async function runMain(args) {
  // Whoever reads our output may have seen enough (`ringproof list scenarios | head`), or closed the terminal.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    })
  }
  process.setSourceMapsEnabled(true)
  const { main } = await import(pathToFileURL(at('dist', 'src', 'cli', 'main.js')).href)
  process.exitCode = await main(args)
  // What a command forgot to close must not keep the process from ending.
  setTimeout(() => process.exit(), 3000).unref()
}
