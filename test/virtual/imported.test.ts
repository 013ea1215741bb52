/** Scenarios made of SIPp's files, run on the embedded provider: they pass, and fail where the old file would have noticed. */
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { importSipp } from '../../src/import-sipp/import-sipp.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { builtIn, hasSipp } from '../peers/sipp.js'
import { imported, loaded } from '../unit/import-sipp/imported.js'
import { runVirtually } from './detection.js'

const OLD = readdirSync(new URL('../unit/import-sipp', import.meta.url)).filter((name) => name.endsWith('.xml'))
const ROWS = [
  ['00038799999', 'one'],
  ['00038799999', 'two'],
]
const WITH_ROWS = new Set(['numbers.xml', 'everything.xml'])
/** What an old file of this folder becomes. */
const textOf = (name: string): string => imported(name, WITH_ROWS.has(name) ? { rows: ROWS } : {}).text

const verdicts = async (texts: Readonly<Record<string, string>>, faults: readonly FaultName[] = []) => {
  const { scenarios } = await runVirtually(await loaded(texts), faults)
  return Object.fromEntries(
    scenarios.map(({ id, verdict, reason }) => [id, verdict === 'pass' ? verdict : `${verdict}: ${reason}`]),
  )
}

it('those of our own files pass; a number that no setting allows is not dialled', async () => {
  const found = await verdicts(Object.fromEntries(OLD.map((name) => [name.replace('.xml', '.ts'), textOf(name)])))
  expect(Object.keys(found)).toHaveLength(OLD.length + WITH_ROWS.size * (ROWS.length - 1))
  const { 'sipp/emergency': emergency, ...others } = found
  expect(emergency).toMatch(/^inconclusive: .*112/)
  expect(new Set(Object.values(others))).toEqual(new Set(['pass']))
})

it.skipIf(!hasSipp)("SIPp's own pass, as far as the target does what they ask for", async () => {
  const names = ['uac', 'uas', 'uac_pcap', 'branchc', '3pcc-A', '3pcc-B', '3pcc-C-A', 'regexp', 'branchs']
  const texts = names.map((name) => [`${name}.ts`, importSipp(builtIn(name), { file: `${name}.xml` }).text])
  const found = await verdicts(Object.fromEntries(texts))
  const { 'sipp/branchs': branches, ...others } = found
  expect(new Set(Object.values(others))).toEqual(new Set(['pass']))
  // It refuses callers whose name does not begin with ua2, and waits for their BYE.
  expect(branches).toMatch(/^fail: .*BYE of the other side arrives/)
})

it.each([
  ['calls-with-log-in.xml', 'relay-one-way', 'both ends of the call hear each other'],
  ['is-given-up.xml', 'cancel-not-forwarded', 'CANCEL of the caller arrives'],
  ['gives-up.xml', 'cancel-challenged', 'CANCEL is answered with 200'],
] as const)('%s notices %s, as the old file would, or hears what that could not', async (name, fault, rule) => {
  const [verdict] = Object.values(await verdicts({ 'one.ts': textOf(name) }, [fault]))
  expect(verdict).toContain(`fail: rule broken: ${rule}`)
})
