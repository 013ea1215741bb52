/** The table of mistakes planted into Kamailio, without starting anything: each edit fits, each check exists. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { STANDING_CHECKS } from '../../../src/examiner/standing-checks.js'
import { allScenarios } from '../../virtual/detection.js'

interface Defect {
  readonly name: string
  readonly why: string
  readonly foundBy: readonly string[]
  readonly only: readonly string[]
  readonly slow?: boolean
  readonly files?: object
  readonly args?: object
  readonly certificate?: object
  readonly drops?: object
}
interface Program {
  readonly name: string
  readonly args: readonly string[]
}
type Alter = { programs(programs: readonly Program[], folder: string): readonly Program[] }

const load = (file: string) => import(new URL(`../../../${file}`, import.meta.url).href)
const { defects }: { defects: readonly Defect[] } = await load('test/peers/kamailio-defects/defects.mjs')
const { planted }: { planted: (defect: Defect) => Alter } = await load('test/peers/kamailio-defects/planted.mjs')
const { kamailio, surroundings }: Record<'kamailio' | 'surroundings', (folder: string) => Program | Program[]> =
  await load('peers/kamailio/programs.mjs')
// Here, and not within a test: on a busy machine it takes longer than a test may.
const scenarios = await allScenarios()

describe('the defects planted into Kamailio', () => {
  it('are at least 24, each with a name of its own and a reason', () => {
    expect(new Set(defects.map(({ name }) => name)).size).toBe(defects.length)
    expect(defects.length).toBeGreaterThanOrEqual(24)
    expect(defects.filter(({ why }) => why === '')).toEqual([])
  })

  it.each(defects)('$name fits the configuration as it is', (defect) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-defect-'))
    try {
      const alter = planted(defect)
      for (const programs of [surroundings(folder), kamailio(folder)].map((one) => [one].flat()))
        expect(alter.programs(programs, folder).map(({ name }) => name)).toEqual(programs.map(({ name }) => name))
    } finally {
      rmSync(folder, { recursive: true })
    }
    const { files, args, certificate, drops } = defect
    expect([files, args, certificate, drops].filter((one) => one !== undefined).length).toBeGreaterThan(0)
  })

  it('are each held against a check that there is, of a scenario that is run', () => {
    const rules = new Map(scenarios.map(({ definition }) => [definition.id, definition]))
    const standing = new Set<string>(STANDING_CHECKS.map(({ id }) => id))
    const wrong = defects.flatMap(({ name, foundBy, only, slow = false }) =>
      [...foundBy, ...only.map((id) => `${id}#`)].flatMap((check) => {
        const [id = '', rule] = check.split('#')
        if (id.startsWith('survey/') || (rule === undefined && standing.has(id))) return []
        const definition = rules.get(id)
        const isThere = definition && (rule === '' || Object.hasOwn(definition.rules, rule ?? ''))
        if (!isThere) return [`${name}: no ${check}`]
        if (!only.includes(id)) return [`${name}: ${id} is not run`]
        return definition.seconds > 40 && !slow ? [`${name}: ${id} is slow`] : []
      }),
    )
    expect(wrong).toEqual([])
  })
})
