import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { defaultAddresses, developmentAccounts, faultCatalogue } from '../../../src/provider/embedded-provider.js'
import { loadTarget } from '../../../src/target/target-file.js'
import { Town } from './town.js'

describe('what the provider says of itself', () => {
  it('is what targets/embedded.yaml says', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open({ accounts: developmentAccounts() })
      const file = fileURLToPath(new URL('../../../targets/embedded.yaml', import.meta.url))
      expect(loadTarget(file, {})).toEqual(town.provider.target)
    })
  })

  it('moves with its addresses', () => {
    const moved = defaultAddresses({ prefix: '127.0.5', ipv6Slot: 3 })
    expect(moved).toMatchObject({ ipv4: '127.0.5.71', sipPort: 5360, sipsPort: 5361 })
    expect(moved.relays.map(({ ipv4, ipv6Ports }) => `${ipv4} ${ipv6Ports.first}`)).toEqual([
      '127.0.5.156 27000',
      '127.0.5.157 28000',
      '127.0.5.158 29000',
      '127.0.5.159 30000',
      '127.0.5.160 31000',
    ])
    expect(() => defaultAddresses({ ipv6Slot: 10 })).toThrow(RangeError)
  })

  it('lists its defects once each, with a title and the purposes they concern', () => {
    expect(faultCatalogue.length).toBeGreaterThanOrEqual(35)
    expect(new Set(faultCatalogue.map(({ name }) => name)).size).toBe(faultCatalogue.length)
    for (const { title, mayTurnRed, onlyUnderLoad } of faultCatalogue) {
      expect(title).not.toBe('')
      expect(mayTurnRed.length > 0).toBe(!onlyUnderLoad)
    }
  })
})
