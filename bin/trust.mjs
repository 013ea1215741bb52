import './lib/node-version.mjs'
import { partLine, tests } from './lib/checks.mjs'
import { at } from './lib/paths.mjs'
import { endWithSignals, run } from './lib/run.mjs'
import { setUp } from './lib/set-up.mjs'

// The longer proofs: how often a report names what is wrong, and whether any answer of a target can bring ringproof down.
// What they came to last is in docs/trust.md. `npm test` runs a small part of each.
endWithSignals()
await setUp()

const sets = process.env.RINGPROOF_SETS ?? '100'
const seeds = process.env.RINGPROOF_FUZZ_SEEDS ?? '20'
const lineSeeds = process.env.RINGPROOF_LINE_SEEDS ?? '20'
process.env.RINGPROOF_LINE_SEEDS = lineSeeds
process.env.RINGPROOF_MATRIX = 'all'
process.env.RINGPROOF_LOST_DATAGRAMS = 'all'
process.env.RINGPROOF_LEFT_BEHIND = 'all'
process.env.RINGPROOF_STOPPED = '20'
process.env.RINGPROOF_LOAD_SEEDS = '20'
process.env.RINGPROOF_SETS = sets
process.env.RINGPROOF_FUZZ_SEEDS = seeds
const proofs = [
  { what: 'each fault alone: its own finding is first', args: ['test/virtual/matrix'] },
  { what: 'what customers complain about: the first card says it in their words', args: ['test/virtual/complaints'] },
  { what: `${sets} sets of five faults: the gravest first, one card each`, args: ['test/virtual/several-faults'] },
  {
    what: `headers, session descriptions and packets altered, ${seeds} seeds: no error`,
    args: ['test/virtual/fuzzed'],
  },
  {
    what: `the clean provider behind five kinds of access lines, ${lineSeeds} seeds each: nothing fails`,
    args: ['test/virtual/networks'],
  },
  {
    what: 'servers and lines of all kinds that do nothing wrong: nothing fails',
    args: [
      'test/virtual/strangers',
      'test/virtual/disguised',
      'test/virtual/peculiar-media',
      'test/virtual/behind-nat',
      'test/virtual/standing-checks',
    ],
  },
  {
    what: 'each scenario over UDP without one datagram of its signalling, each in turn: nothing fails',
    args: ['test/virtual/lost-datagrams'],
  },
  {
    what: 'each scenario broken off at 20 moments: no binding, call or setting is left at the provider',
    args: ['test/virtual/left-behind'],
  },
  {
    what: 'each scenario on a machine that stands still at 20 moments, for 60 ms to 3 s: nothing fails',
    args: ['test/virtual/stopped'],
  },
  {
    what: 'loads with one relay or the proxy at fault, 20 seeds: it is named, and no healthy relay is',
    args: ['test/virtual/culprits', 'test/virtual/breakpoint'],
  },
  {
    what: 'scenarios as load with a planted fault: those fail that fail alone',
    project: 'sockets',
    args: ['test/sockets/runs'],
  },
]
let failed = 0
for (const { what, project = 'virtual', args } of proofs) {
  console.log(`\n${what}`)
  const part = await tests(project, { show: true, args }).work()
  console.log(partLine(part))
  failed += part.failed
}
console.log('\nmistakes of operators, planted into Kamailio and its relays: the check that is about them fails')
const { code: missed } = await run(process.execPath, [at('bin', 'defects.mjs')], { show: true })
console.log('\nthe clean provider on sockets while both cores are kept busy: nothing fails')
const { code: busy } = await run(process.execPath, [at('bin', 'busy.mjs')], { show: true })
console.log('\nour own code changed at one place after the other: a test fails')
const { code: unnoticed } = await run(process.execPath, [at('bin', 'mutation.mjs')], { show: true })
process.exitCode ||= failed > 0 || [missed, busy, unnoticed].some((code) => code !== 0) ? 1 : 0
