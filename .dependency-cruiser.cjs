// The layers of src/. Imports point down, or stay on their level; a test and `npm run check` run this.
const levels = [
  ['clock'],
  ['message', 'sdp'],
  ['transport', 'nat'],
  ['transaction', 'capture'],
  ['dialog', 'media'],
  ['agent', 'router'],
  ['provider'],
  ['verdict'],
  ['scenario', 'examiner', 'evidence'],
  ['worlds'],
  ['runner', 'load', 'report', 'judge', 'import-sipp'],
  ['agent-client'],
  ['survey'],
  ['monitor'],
  ['cli'],
]

// Beside the levels: what a target file says, and the shape of a result. Everybody may read them.
const beside = ['target', 'result']

const folders = (names) => `^src/(?:${names.join('|')})/`
const all = [...levels.flat(), ...beside]

const upwards = levels.slice(0, -1).map((level, index) => ({
  name: `${level.join('-')}-looks-up`,
  comment: `${level.join(' and ')} must not know the layers above.`,
  severity: 'error',
  from: { path: folders(level) },
  to: { path: folders(levels.slice(index + 1).flat()) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upwards,
    {
      name: 'provider-is-a-target',
      comment: 'The embedded provider is a target like any other: only who starts it, or asks for it, knows it.',
      severity: 'error',
      from: { path: folders(all.filter((name) => !['cli', 'worlds', 'provider'].includes(name))) },
      to: { path: folders(['provider']) },
    },
    {
      name: 'report-reads-results-only',
      comment: 'A report is rendered from result.json alone.',
      severity: 'error',
      from: { path: folders(['report']) },
      to: { path: folders(all.filter((name) => name !== 'report' && name !== 'result')) },
    },
    {
      name: 'verdict-stands-on-results',
      comment: 'What decides is pure: it sees records and nothing else.',
      severity: 'error',
      from: { path: folders(['verdict']) },
      to: { path: ['^node:', folders(all.filter((name) => name !== 'verdict' && name !== 'result'))] },
    },
    {
      name: 'target-stands-alone',
      comment: 'The target file is read by everybody and knows nobody but the clock.',
      severity: 'error',
      from: { path: folders(['target']) },
      to: { path: folders(all.filter((name) => name !== 'target' && name !== 'clock')) },
    },
    {
      name: 'result-stands-alone',
      severity: 'error',
      from: { path: folders(['result']) },
      to: { path: folders(all.filter((name) => name !== 'result')) },
    },
    {
      name: 'captures-stand-alone',
      comment: 'What is read from a file of others knows nothing of what is thought of it.',
      severity: 'error',
      from: { path: folders(['capture']) },
      to: { path: folders(all.filter((name) => name !== 'capture' && name !== 'transport')) },
    },
    {
      name: 'old-files-stand-alone',
      comment: 'A file for another program becomes text: it is read and written, and meets nothing that runs.',
      severity: 'error',
      from: { path: folders(['import-sipp']) },
      to: { path: ['^node:', folders(all.filter((name) => !['import-sipp', 'result'].includes(name)))] },
    },
    {
      name: 'core-is-sans-io',
      comment:
        'Grammar, SDP, transactions and dialogs take events and give effects: no sockets, files, timers or time.',
      severity: 'error',
      from: { path: folders(['message', 'sdp', 'transaction', 'dialog']) },
      // `net` for isIP and its like, which a test makes sure of.
      to: { dependencyTypes: ['core'], pathNot: '^(?:node:)?(?:buffer|crypto|util|net)$' },
    },
    {
      name: 'sockets-in-transport-only',
      comment: 'All else sends through a Network, so that it works in virtual time.',
      severity: 'error',
      from: { path: folders(['media', 'nat', 'agent', 'router', 'provider', 'scenario']) },
      to: { path: '^(?:node:)?(?:dgram|net|tls|dns|dns/promises)$' },
    },
    {
      name: 'scenarios-speak-the-language-only',
      comment: 'A scenario imports the scripting language and its neighbours, nothing of the machinery.',
      severity: 'error',
      from: { path: '^scenarios/' },
      to: { path: '^src/', pathNot: '^src/scenario/index\\.ts$' },
    },
    {
      name: 'no-circle',
      comment: 'Files that need each other, if only for a type, cannot be read one after the other.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-development-dependency',
      comment: 'What ships must not need what does not. koffi is optional and loaded only where it is there.',
      severity: 'error',
      from: { path: '^(?:src|scenarios)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/(?:koffi|@types)/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^(?:src|scenarios)/' },
      to: { couldNotResolve: true, pathNot: '^ringproof$' },
    },
  ],
  options: {
    doNotFollow: { path: '^(?:node_modules|dist)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
}
