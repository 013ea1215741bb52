/** A target that sends what it likes: each scenario ends, nothing is in error, and what is kept of it has a bound. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { evidenceWriter } from '../../src/evidence/evidence-file.js'
import type { Network } from '../../src/transport/network.js'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { behind } from './middlebox.js'
import { describing } from './peculiar-media.js'

const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
mkdirSync(join(folder, 'evidence'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const scenarios = inFirstVariant(await allScenarios())

/** The scenarios, on a wire that does something to what the provider sends. */
async function runOn(wire: (network: Network) => Network, only: readonly string[]) {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  return {
    document,
    outcome: await runConformance({
      scenarios,
      document,
      stages: {
        ...stages,
        on: (key, story) => stages.on(key, (world) => story({ ...world, network: wire(world.network) })),
      },
      selection: { only, slow: true },
      writeEvidence: evidenceWriter(folder),
    }),
  }
}

describe('a session description with an address that is none', () => {
  it.each(['relay.example.net', '224.2.2.2/127', '224.2.2.2', '999.1.1.1', 'ff02::1', '-'])('%s', async (address) => {
    const { outcome } = await runOn(
      (network) => describing(network, (sdp) => sdp.replace(/^c=IN IP4 \S+/gm, `c=IN IP4 ${address}`)),
      ['media/*', 'srtp/*', 'dtmf/*', 'call/*'],
    )
    expect(outcome.scenarios.length).toBeGreaterThan(30)
    expect(
      outcome.scenarios.filter(({ verdict }) => verdict === 'error').map(({ id, reason }) => [id, reason]),
    ).toEqual([])
    // A host name is legal there (RFC 8866 §5.7) and not looked up: nothing is decided by what did not come about.
    if (address === 'relay.example.net') {
      expect(outcome.scenarios.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual([])
      expect(outcome.scenarios.filter(({ verdict }) => verdict === 'inconclusive').length).toBeGreaterThan(10)
    }
  })
})

describe('a 2xx that no dialog can be made of', () => {
  it.each([
    ['Contact', '<sip:[::1>'],
    ['Contact', '*'],
    ['Contact', '"open <sip:a@b>'],
    ['Record-Route', '<sip:[::1>;lr'],
    ['Record-Route', ', ,'],
  ])('%s: %s is the target’s failure, and no error of ours', async (name, value) => {
    const { document } = await virtualStages({ seed: 1, faults: [] })
    const servers = document.published?.signalling.flatMap(({ addresses }) => addresses) ?? []
    const { outcome } = await runOn(
      (network) =>
        behind(network, servers, () => ({
          down: (message) => {
            if (message.kind === 'response' && message.status === 200 && message.cseq.method === 'INVITE')
              message.headers.set(name, value)
            return true
          },
        })),
      ['media/*', 'dialog/*', 'proxy/*', 'dtmf/*'],
    )
    expect(outcome.scenarios.length).toBeGreaterThan(20)
    expect(
      outcome.scenarios.filter(({ verdict }) => verdict === 'error').map(({ id, reason }) => [id, reason]),
    ).toEqual([])
    const ids = new Set(outcome.notes.map(({ note }) => note.id))
    expect(
      [...ids].filter((id) => /GRAMMAR|CONTACT|ROUTE/.test(id)),
      [...ids].join(),
    ).not.toEqual([])
  })
})
