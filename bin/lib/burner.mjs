// Keeps one core busy until whoever forked this process lets go of the channel, or is gone.
const SPIN_MS = 50
process.on('disconnect', () => process.exit(0))
// Signals of the terminal are for the parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

function burn() {
  const until = performance.now() + SPIN_MS
  while (performance.now() < until);
  setImmediate(burn)
}
process.send('ready')
burn()
