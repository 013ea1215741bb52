import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { modules } from './modules.mjs'

// Runs the tests of one module for Stryker, in Stryker's process: they are bundled once, with all mutants in the code, and the bundle
// is loaded anew for each mutant, in 10 ms. Its runner for Vitest starts a worker for each, which takes twenty times as long.
// Tests are collected and run by Vitest's own packages. What they would need of Vitest beyond (mocks, snapshots) is not there.
// Nobody reads the stacks, and each test costs some.
Error.stackTraceLimit = 0

const require = createRequire(import.meta.url)
const vitest = createRequire(require.resolve('vitest/package.json'))
const load = (name) => import(pathToFileURL(vitest.resolve(name)).href)

// What a mutant breaks beside the tests must not end the process, and is noticed as Vitest would.
let stray
process.on('unhandledRejection', (error) => (stray ??= error))

// A loop without end is broken off here: where Stryker has to do it, it starts a new process.
const LONGEST_MS = 5_000
const limited = new Script('ringproofTest()', { filename: 'test.cjs' })

export const strykerPlugins = [{ kind: 'TestRunner', name: 'bundle', factory: createRunner }]

createRunner.inject = []

/** @see TestRunner of @stryker-mutator/api */
function createRunner() {
  // Where code with mutants in it looks for the active one, and tells where it came by.
  const space = (globalThis.__stryker__ ??= {})
  let tests
  return {
    capabilities: () => ({ reloadEnvironment: true }),
    async init() {
      tests = await testsOf(process.env.RINGPROOF_MODULE)
    },
    async dryRun() {
      space.activeMutant = undefined
      const found = []
      await tests.run({
        before: (test) => (space.currentTestId = test.id),
        after(test) {
          space.currentTestId = undefined
          found.push(test)
        },
      })
      return { status: 'complete', tests: found, mutantCoverage: space.mutantCoverage }
    },
    async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
      const wanted = testFilter === undefined ? undefined : new Set(testFilter)
      const wantedFiles = testFilter === undefined ? undefined : new Set(testFilter.map(fileOf))
      space.hitCount = 0
      space.hitLimit = hitLimit
      space.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined
      stray = undefined
      let ran = 0
      let failed
      let endless = false
      const error = await tests.run({
        from: (file) => wantedFiles === undefined || wantedFiles.has(basename(file)),
        loaded: () => (space.activeMutant = activeMutant.id),
        wants: (id) => failed === undefined && (wanted === undefined || wanted.has(id)),
        after(test) {
          ran += 1
          if (test.status === 1) failed ??= test
          endless ||= test.endless
        },
      })
      if (endless) return { status: 'timeout', reason: `more than ${LONGEST_MS} ms` }
      if (space.hitCount > hitLimit) return { status: 'timeout', reason: `more than ${hitLimit} times` }
      // Where not even loading succeeds, all tests would fail.
      const failureMessage = failed?.failureMessage ?? error ?? (stray === undefined ? undefined : String(stray))
      if (failureMessage === undefined) return { status: 'survived', nrOfTests: ran }
      return { status: 'killed', killedBy: [failed?.id ?? testFilter?.[0] ?? ''], failureMessage, nrOfTests: ran }
    },
  }
}

/** The tests of a module, bundled. */
async function testsOf(name) {
  // Stryker's copy of the checkout, where the code has mutants in it.
  const root = process.cwd()
  const { tests, except } = modules[name]
  const files = tests.flatMap((pattern) => expand(root, pattern)).filter((file) => except?.test(file) !== true)
  const entries = files.map(
    (file) => `globalThis.ringproofTests[${JSON.stringify(file)}] = () => require(${JSON.stringify(file)})`,
  )
  const { build } = require('esbuild')
  const { outputFiles } = await build({
    stdin: { contents: entries.join('\n'), resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [{ name: 'ringproof', setup: (build) => resolveTypeScript(build, root) }],
  })
  const text = outputFiles[0].text
  const script = new Script(`(function (require) {${text}\n})`, { filename: 'tests.cjs' })
  const { startTests, getFn, ...api } = await load('@vitest/runner')
  const expect = await makeExpect()
  const packages = await preload(text, { vitest: { ...api, expect } })
  const config = {
    root,
    setupFiles: [],
    passWithNoTests: false,
    sequence: { shuffle: false, concurrent: false, seed: 1, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    // Of the loops below, and of Stryker for what waits.
    testTimeout: 0,
    hookTimeout: 5_000,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    strictTags: false,
  }
  return {
    /** Loads and runs. Returns what went wrong outside of tests. */
    async run({ from = () => true, loaded, wants = () => true, before, after }) {
      const parts = {}
      globalThis.ringproofTests = parts
      script.runInThisContext()((id) => packages.get(id) ?? require(id))
      let state
      const done = await startTests(
        files.filter(from).map((filepath) => ({ filepath, testLocations: undefined })),
        {
          config,
          importFile: (file, source) => (source === 'collect' ? parts[file]?.() : undefined),
          onCollected: () => loaded?.(),
          onBeforeRunTask(test) {
            if (!wants(idOf(test))) test.mode = 'skip'
          },
          onBeforeTryTask(test) {
            state = { assertionCalls: 0, currentTestName: test.name, testPath: test.file.filepath }
            expect.setState(state)
            before?.({ id: idOf(test) })
          },
          async runTask(test) {
            globalThis.ringproofTest = getFn(test)
            await limited.runInThisContext({ timeout: LONGEST_MS })
          },
          onAfterRunTask(test) {
            const { result } = test
            if (test.mode === 'skip' || result === undefined || result.state === 'skip') return
            after({
              id: idOf(test),
              name: idOf(test),
              timeSpentMs: result.duration ?? 0,
              endless: result.errors?.[0]?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT',
              ...(result.state === 'pass'
                ? { status: 0 }
                : { status: 1, failureMessage: result.errors?.[0]?.message ?? 'failed' }),
            })
          },
        },
      )
      const broken = done.find((file) => file.result?.errors?.length > 0)
      return broken?.result?.errors?.[0]?.message
    },
  }
}

function idOf(test) {
  const names = []
  for (let task = test; task !== undefined; task = task.suite) names.unshift(task.name)
  return `${basename(test.file.filepath)} ${names.join(' > ')}`
}

/** The file of a test that has this id. */
const fileOf = (id) => id.slice(0, id.indexOf(' '))

/** `DIRECTORY/NAME*.test.ts`: the files that are there. */
function expand(root, pattern) {
  const folder = resolve(root, dirname(pattern))
  const [before, after = ''] = basename(pattern).split('*')
  return readdirSync(folder)
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .sort()
    .map((name) => join(folder, name))
}

/** Imports name `.js` where there is TypeScript; `import.meta` does not exist in a bundle. */
function resolveTypeScript(build, root) {
  build.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ resolveDir, path }) => ({
    path: resolve(resolveDir, path).replace(/\.js$/, '.ts'),
  }))
  build.onResolve({ filter: /^ringproof$/ }, () => ({ path: join(root, 'src', 'scenario', 'index.ts') }))
  build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
    contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    loader: 'ts',
  }))
}

/** What the bundle asks for from packages: loaded once, since nothing in them is mutated; some are not for `require`. */
async function preload(text, own) {
  const packages = new Map(Object.entries(own))
  for (const [, name] of text.matchAll(/\brequire\("([^"]+)"\)/g)) {
    if (packages.has(name) || name.startsWith('/')) continue
    try {
      packages.set(name, require(name))
    } catch (error) {
      if (error.code !== 'ERR_REQUIRE_ESM') throw error
      packages.set(name, await import(pathToFileURL(require.resolve(name)).href))
    }
  }
  return packages
}

/** `expect` as Vitest composes it, without what looks at files. */
async function makeExpect() {
  const { chai, GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, getState, setState } =
    await load('@vitest/expect')
  chai.use(JestExtend)
  chai.use(JestChaiExpect)
  chai.use(JestAsymmetricMatchers)
  const expect = Object.assign((value, message) => chai.expect(value, message), chai.expect)
  expect.getState = () => getState(expect)
  expect.setState = (state) => setState(state, expect)
  globalThis[GLOBAL_EXPECT] = expect
  setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)
  return expect
}
