/** A router as it was measured, and what is concluded from it. */
import type { RouterFacts, RouterResult } from '../../../src/result/router-result.js'
import { judgeRouter } from '../../../src/verdict/router.js'

export const FACTS: RouterFacts = {
  reflector: { named: 'reflector.example', address: '192.0.2.1', ports: [5060, 15_060] },
  local: '10.0.0.2',
  outside: '203.0.113.1',
  isTranslated: true,
  answersOnSipPort: true,
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  ports: { kept: 0, of: 5 },
  hairpin: true,
  lifetimes: [{ flow: 'udp', points: [{ idleMs: 50_000, answered: true }], heldMs: 50_000 }],
  alg: [],
  sizes: { upLargest: 4_500, downLargest: 4_500, fragments: true },
}

export const routerResult = (facts: RouterFacts = FACTS): RouterResult => ({
  schemaVersion: 1,
  ringproof: '0.0.0',
  command: 'router',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:52.000Z',
  ...facts,
  ...judgeRouter(facts),
})
