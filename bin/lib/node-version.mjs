// Imported before everything else, and in words that every Node with ES modules understands.
const needed = [20, 19]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `ringproof needs Node ${needed.join('.')} or later; this is ${process.versions.node}. Install a current Node (https://nodejs.org) and try again.`,
  )
  process.exit(5)
}
