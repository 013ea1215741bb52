import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matches } from '../../../src/runner/plan.js'
import { runConformance } from '../../../src/runner/run.js'
import { scenariosIn } from '../../../src/runner/scenario-files.js'
import { exitCodes } from '../../../src/verdict/exit-code.js'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'
import { conclude } from '../../../src/verdict/conclude.js'

const compiled = mkdtempSync(join(tmpdir(), 'ringproof-files-'))
afterAll(() => rmSync(compiled, { recursive: true }))

/** Data as `scenario()` gives it; `changes` is put behind, as source text. */
const source = (id: string, changes = '') => `({
  id: '${id}', title: 'Registers', area: 'registrar', purposes: ['OURS'], seconds: 3, harm: 'None.', advice: 'None.',
  rules: { accepted: { level: 'MUST', source: 'RFC 3261 §10.3', paraphrase: 'a REGISTER is accepted', gravity: 'outage' } },
  devices: { alice: {} },
  async run({ alice, expect }) { expect('accepted', (await alice.asksToRegister()).status).toBe(200) },
  ${changes}
})`

const FILES = {
  'ours/right.ts': `export default ${source('ours/right')}`,
  'ours/list.ts': `export default [${source('ours/first')}, ${source('ours/second', "needs: ['ehco']")}, ${source('ours/third')}, undefined]`,
  'ours/throws.ts': '\nconst nothing = undefined\nexport default nothing.there',
  'ours/again.ts': `export default ${source('ours/right')}`,
  'registrar/import.ts': "import './not-there.js'\nexport default {}",
  'ours/helper.ts': 'export const helps = true',
}

beforeAll(() => {
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(compiled, `${name}.js`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
})

const load = () => scenariosIn([{ compiled, shown: 'scenarios' }])

describe('files with mistakes', () => {
  it('stand in error for themselves, in the area that the folder is named for; the others are there', async () => {
    const found = (await load()).map(({ definition: { id, title, area }, file }) => ({ id, title, area, file }))
    const right = (id: string, name: string) => ({
      id,
      title: 'Registers',
      area: 'registrar',
      file: `scenarios/${name}`,
    })
    const wrong = (id: string, what: string, area = 'services') => ({
      id,
      title: expect.stringMatching(`^Cannot be loaded: ${what}.* \\(scenarios/${id}\\)$`),
      area,
      file: `scenarios/${id}`,
    })
    expect(found).toEqual([
      right('ours/first', 'ours/list.ts'),
      wrong('ours/list.ts', "scenario 'ours/second': needs: 'ehco' is no known word; did you mean 'echo'\\?"),
      right('ours/right', 'ours/again.ts'),
      wrong('ours/right.ts', "scenario 'ours/right' is also defined in scenarios/ours/again.ts"),
      right('ours/third', 'ours/list.ts'),
      wrong('ours/throws.ts', 'TypeError: Cannot read properties of undefined'),
      wrong('registrar/import.ts', 'Error: Cannot find module', 'registrar'),
    ])
  })

  it('are found by the words that select the scenario', async () => {
    const named = (await load()).filter(({ definition }) => matches('ours/throws', definition))
    expect(named).toHaveLength(1)
  })

  it('end the run with the code of a defect, a finding each, and do not keep the others from being run', async () => {
    const { stages, document } = await virtualStages({ seed: 1, faults: [] })
    const scenarios = await load()
    const outcome = await runConformance({ scenarios, document, stages, selection: {} })
    expect(outcome.scenarios.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'ours/first pass',
      'ours/list.ts error',
      'ours/right pass',
      'ours/right.ts error',
      'ours/third pass',
      'ours/throws.ts error',
      'registrar/import.ts error',
    ])
    const { verdict, exitCode, findings } = conclude(outcome)
    expect({ verdict, exitCode }).toEqual({ verdict: 'error', exitCode: exitCodes.defect })
    expect(findings.map(({ kind, title }) => `${kind}: ${title.split(':', 1)[0]}`)).toEqual([
      'defect: Mistake in scenario ours/list.ts (scenarios/ours/list.ts)',
      'defect: Mistake in scenario ours/right.ts (scenarios/ours/right.ts)',
      'defect: Mistake in scenario ours/throws.ts (scenarios/ours/throws.ts)',
      'defect: Mistake in scenario registrar/import.ts (scenarios/registrar/import.ts)',
    ])
  })
})
