/** A user's own folder of scenarios: compiled as it is, and its mistakes told with file, line and column. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { compileScenarios, ScenarioFolderError } from '../../../src/runner/own-scenarios.js'
import { scenariosIn } from '../../../src/runner/scenario-files.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof own-'))
afterAll(() => rmSync(folder, { recursive: true }))

const scenario = (id: string) => `({
  id: '${id}', title: 'Registers', area: 'registrar', purposes: ['OURS'], seconds: 3, harm: 'None.', advice: 'None.',
  rules: { accepted: { level: 'MUST', source: 'RFC 3261 §10.3', paraphrase: 'a REGISTER is accepted', gravity: 'outage' } },
  devices: { alice: {} },
  async run() {},
})`

const FILES: Record<string, string> = {
  'a/right.ts': `import { helps } from './helper.ts'\nexport default helps(${scenario('ours/right')})`,
  'a/helper.ts': 'export const helps = <T>(one: T): T => one',
  'b/plain.js': `export default ${scenario('ours/plain')}`,
  'b/twice.ts': `const one = ${scenario('ours/one')}\nexport default [one, ${scenario('ours/right')}]`,
  'c/grammar.ts': 'const a = 1\n  const 2b = 3',
  'c/missing.ts': "import { nothing } from 'no-such-package'\nexport default nothing",
  'c/types.d.ts': 'export {}',
  'node_modules/x/index.js': 'throw new Error("not a scenario")',
}

it('is compiled, and each mistake is told with its place', async () => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const loaded = await scenariosIn([await compileScenarios(folder)])
  const shown = folder.split('/').at(-1)
  const told = loaded.map(({ definition, mistake }) => mistake?.replaceAll(`${shown}/`, '') ?? definition.id)
  expect(told.toSorted()).toEqual([
    'SyntaxError: Could not resolve "no-such-package" (c/missing.ts:1:25)',
    expect.stringMatching(/^SyntaxError: .* \(c\/grammar\.ts:2:10\)$/),
    'ours/one',
    'ours/plain',
    'ours/right',
    "scenario 'ours/right' is also defined in a/right.ts (b/twice.ts:8:7)",
  ])
})

it.each([
  ['There is no folder', '/no/such/folder'],
  ['holds no scenarios', tmpdir()],
])('%s', async (words, path) => {
  const empty = path === tmpdir() ? mkdtempSync(join(path, 'ringproof-empty-')) : path
  await expect(compileScenarios(empty)).rejects.toThrow(words)
  await expect(compileScenarios(empty)).rejects.toThrow(ScenarioFolderError)
  if (empty !== path) rmSync(empty, { recursive: true })
})
