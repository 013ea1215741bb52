import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'
import { ensureTool } from './install.mjs'
import { at } from './paths.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * A Node.js of the checkout's own, for machines whose own is too old: `bin/lib/node` pins it. Installed where it is not there yet.
 * @returns {Promise<string | undefined>} the program; undefined where there is none for this platform, or it cannot be had (said on stderr)
 */
export async function ownNode() {
  const folder = at('.cache', 'node')
  const program = at('.cache', 'node', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  try {
    await ensureTool(at('bin', 'lib', 'node'), folder, () =>
      console.error(
        `This is Node ${process.versions.node}, too old for ringproof: it gets one of its own (npm, into .cache/node) …`,
      ),
    )
  } catch (error) {
    console.error(error.message)
  }
  return existsSync(program) ? program : undefined
}

/**
 * Runs the same command by another Node.js, which programs that it starts find first, too, and ends as that one ends.
 * @param {string} program
 * @returns {Promise<never>}
 */
export function goOnWith(program) {
  const path = [dirname(program), process.env.PATH].filter((one) => one !== undefined).join(delimiter)
  const child = spawn(program, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  })
  // Ctrl-C reaches both of us by the terminal, and twice would mean: at once. From elsewhere a signal reaches us alone.
  const isOnTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY)
  const passOn = (signal) => {
    if (signal === 'SIGTERM' || !isOnTerminal) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, passOn)
  return new Promise(() => {
    child.once('error', (error) => {
      console.error(`${program} does not run: ${error.message}`)
      process.exit(5)
    })
    child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  })
}
