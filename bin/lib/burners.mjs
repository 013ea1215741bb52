import { fork } from 'node:child_process'
import { at } from './paths.mjs'

/**
 * Starts processes that do nothing but use a core each.
 * @param {number} count
 * @returns {Promise<{ pids: number[], stop: () => void }>} settles when all burn; `stop` ends them. They also end when this process does, however that is.
 */
export async function startBurners(count) {
  const burners = Array.from({ length: count }, () => fork(at('bin', 'lib', 'burner.mjs'), { stdio: 'inherit' }))
  const stop = () => {
    for (const burner of burners) if (burner.connected) burner.disconnect()
  }
  const ready = burners.map(
    (burner) =>
      new Promise((resolve, reject) => {
        burner.once('message', resolve)
        burner.once('error', reject)
        burner.once('exit', (code) => reject(new Error(`a burner ended with ${code}`)))
      }),
  )
  try {
    await Promise.all(ready)
  } catch (error) {
    stop()
    throw error
  }
  // What it inherits must not keep this process alive.
  for (const burner of burners) burner.unref()
  return { pids: burners.map(({ pid }) => pid), stop }
}
