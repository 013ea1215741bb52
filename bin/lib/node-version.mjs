// Imported before everything else, and in words that every Node with ES modules understands.
import { existsSync } from 'node:fs'

const needed = [22, 12]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  // A checkout sets itself up, its Node included; an installed package takes what it was installed for.
  const isCheckout = existsSync(new URL('../../package-lock.json', import.meta.url))
  if (isCheckout && major >= 18) {
    const { goOnWith, ownNode } = await import('./own-node.mjs')
    const program = await ownNode()
    if (program !== undefined) await goOnWith(program)
  }
  console.error(
    `ringproof needs Node ${needed.join('.')} or later; this is ${process.versions.node}. Install a current Node (https://nodejs.org) and try again.`,
  )
  process.exit(5)
}
