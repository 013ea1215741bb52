/** Of what failed, the audio of its calls lies beside the capture: decrypted, both directions, and nothing else. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { evidenceWriter } from '../../src/evidence/evidence-file.js'
import { PatternListener } from '../../src/media/audio-pattern.js'
import { encodeG711 } from '../../src/media/g711.js'
import type { Recording, ScenarioResult } from '../../src/result/scenario-result.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios } from './detection.js'

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

async function performed(id: string, faults: readonly FaultName[]): Promise<{ folder: string; one: ScenarioResult }> {
  // Only this folder is removed afterwards.
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-recordings-'))
  folders.push(folder)
  mkdirSync(join(folder, 'evidence'))
  const { stages, document } = await virtualStages({ seed: 1, faults })
  const { scenarios } = await runConformance({
    scenarios: (await allScenarios()).filter(({ definition }) => definition.id === id),
    document,
    stages,
    selection: { family: 'ipv4', transport: 'tls' },
    writeEvidence: evidenceWriter(folder),
  })
  const [one] = scenarios
  if (one === undefined) throw new Error('nothing was run')
  return { folder, one }
}

/** The patterns that are heard in a file. */
function patternsIn(folder: string, { evidence }: Recording): number[] {
  const [path = ''] = evidence
  const data = readFileSync(join(folder, path)).subarray(44)
  const samples = new Int16Array(data.length / 2)
  for (let i = 0; i < samples.length; i++) samples[i] = data.readInt16LE(2 * i)
  const listener = new PatternListener()
  for (let at = 0; at + 160 <= samples.length; at += 160)
    listener.push(encodeG711(samples.subarray(at, at + 160), 'PCMA'), 'PCMA', at, at / 8)
  return listener.heard().map(({ id }) => id)
}

it('of SRTP, too: what one sent is what the other heard; who heard nothing is told without a file', async () => {
  const { folder, one } = await performed('media/two-way', ['relay-one-way'])
  expect(one.verdict).toBe('fail')
  const { recordings = [] } = one
  expect(recordings.map(({ who, direction, evidence }) => `${who} ${direction} ${evidence.length}`)).toEqual([
    'alice sent 1',
    'alice heard 0',
    'bob sent 1',
    'bob heard 1',
  ])
  const [sent, , , heard] = recordings
  expect(patternsIn(folder, sent!)).toHaveLength(1)
  expect(patternsIn(folder, heard!)).toEqual(patternsIn(folder, sent!))
  // Once, though it was run twice.
  expect(readdirSync(join(folder, 'evidence')).filter((name) => name.endsWith('.wav'))).toHaveLength(3)
})

it('of what held there is none', async () => {
  const { folder, one } = await performed('media/two-way', [])
  expect([one.verdict, one.recordings]).toEqual(['pass', undefined])
  expect(readdirSync(join(folder, 'evidence')).filter((name) => !name.endsWith('.pcapng'))).toEqual([])
})
