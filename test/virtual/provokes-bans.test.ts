/** Scenarios that may get a device banned run after all others: those whose log-ins are refused, or that call again and again without any. */
import { expect, it } from 'vitest'
import type { SipSighting } from '../../src/evidence/record.js'
import { AccountPool } from '../../src/runner/account-pool.js'
import { runScenario } from '../../src/runner/run-scenario.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant, sharedCredentialsOf } from './detection.js'

/** Log-ins that were refused and not for an old nonce, and INVITEs, after a first one, whose challenge was not answered. */
function offences(messages: readonly SipSighting[]): number {
  const isLogin = new Set<string>()
  const unanswered = new Set<string>()
  let refused = 0
  for (const { direction, message } of messages) {
    if (message.kind === 'request') {
      if (direction !== 'out' || message.method === 'ACK') continue
      const has = message.headers.has('Authorization') || message.headers.has('Proxy-Authorization')
      if (has) isLogin.add(message.via.branch ?? '')
      unanswered.delete(`${message.callId} ${message.cseq.number - 1}`)
      continue
    }
    if (direction !== 'in' || ![401, 403, 407].includes(message.status)) continue
    const isStale = [...message.headers.all('WWW-Authenticate'), ...message.headers.all('Proxy-Authenticate')].some(
      (value) => /stale=true/i.test(value),
    )
    if (isLogin.has(message.via.branch ?? '')) refused += isStale ? 0 : 1
    else if (message.cseq.method === 'INVITE') unanswered.add(`${message.callId} ${message.cseq.number}`)
  }
  // One call without a log-in is how every call begins.
  return refused + Math.max(0, unanswered.size - 1)
}

const scenarios = inFirstVariant(await allScenarios()).filter(
  ({ definition: { needs = [], provokesBans, seconds } }) =>
    !needs.includes('sockets') && provokesBans !== true && seconds <= 60,
)

it('what provokes bans says so', async () => {
  const told: string[] = []
  for (const { definition, file } of scenarios) {
    const policy = { sharedCredentials: sharedCredentialsOf(definition) }
    const { stages, document } = await virtualStages({ seed: 1, faults: [], policy })
    const [variant] = definition.variants ?? []
    const lease = new AccountPool(document).take(definition)
    if (variant === undefined || lease === undefined) throw new Error(`${definition.id} cannot be run`)
    const count = await stages.on(definition.id, async (world) => {
      const entry = { definition, file, variant }
      const { record } = await runScenario({ entry, world, lease, runStartMs: 0, brief: true })
      return offences(record.messages)
    })
    if (count > 0) told.push(`${definition.id}: ${count}`)
  }
  expect(scenarios.length).toBeGreaterThan(100)
  expect(told).toEqual([])
}, 120_000)
