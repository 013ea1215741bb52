/** Faults at once whose cards must not swallow each other, over the few scenarios that see them. */
import { expect, it } from 'vitest'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { concludedWith } from './cards.js'
import { allScenarios, inFirstVariant } from './detection.js'

const scenarios = inFirstVariant(await allScenarios())

async function cardsOf(faults: readonly FaultName[], ids: readonly string[]) {
  const { findings } = await concludedWith(
    scenarios.filter(({ definition }) => ids.includes(definition.id)),
    faults,
  )
  return findings.filter(({ severity }) => severity !== 'info')
}

it('our own device of the other family is not taken for the target where the target is not on the path', async () => {
  const cards = await cardsOf(['no-record-route'], ['ipv6/from-ipv4', 'ipv6/from-ipv6'])
  expect(cards.map(({ gravity }) => gravity)).toContain('outage')
  const told = cards.flatMap(({ title, consequences = [] }) => [title, ...consequences.map((one) => one.title)])
  expect(told.filter((title) => /published|log-in/.test(title))).toEqual([])
})

it('that devices behind NAT cannot be called does not follow from a lost route', async () => {
  const seeing = ['nat/keep-alive', 'proxy/stays-on-the-path', 'ipv6/from-ipv4']
  const cards = await cardsOf(['nat-ignored', 'no-record-route'], seeing)
  expect(cards.map(({ id }) => id)).toEqual(['route-lost', 'nat-unreachable'])
})

it('nor do unpublished addresses', async () => {
  const seeing = ['nat/published-sources', 'proxy/stays-on-the-path', 'ipv6/from-ipv4']
  const cards = await cardsOf(['signalling-outside-the-list', 'no-record-route'], seeing)
  expect(cards.map(({ id }) => id).toSorted()).toEqual(['route-lost', 'signalling-unpublished'])
  const consequences = cards.flatMap((card) => card.consequences ?? [])
  expect(consequences.filter(({ title }) => title.includes('published'))).toEqual([])
})
