import { describe, expect, test } from 'vitest'
import { routerPage, routerSentence } from '../../../src/report/router-page.js'
import { FACTS, routerResult } from './router-result.js'

describe('the page of a router test', () => {
  test('says what is wrong in the first sentence, and what to set', () => {
    const lifetimes = [
      {
        flow: 'udp' as const,
        points: [
          { idleMs: 28_000, answered: true },
          { idleMs: 30_000, answered: false },
        ],
        heldMs: 28_000,
        lostMs: 30_000,
      },
    ]
    const result = routerResult({ ...FACTS, lifetimes })
    expect(routerSentence(result)).toBe('Nobody can call a telephone here 30 s after it last sent something over UDP.')
    const page = routerPage(result)
    expect(page).toContain('keep-alives every 23 s are safe')
    expect(page).toContain('203.0.113.1')
    expect(page).toMatch(/default-src 'none'; script-src 'none'/)
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
  })

  test('shows what has come from the network, and runs none of it', () => {
    const changes = [{ sent: 'Contact: <sip:a@10.0.0.2>', arrived: 'Contact: <script>alert(1)</script>' }]
    const alg = [{ direction: 'out', what: 'REGISTER', outcome: 'changed', changes, harms: ['contact'] }] as const
    const page = routerPage(routerResult({ ...FACTS, alg }))
    expect(page).toContain('Contact: &lt;script&gt;')
    expect(page).not.toContain('<script>')
  })

  test('says so where nothing is wrong, and where lifetimes are not known', () => {
    expect(routerSentence(routerResult(FACTS))).toBe('Telephones behind this router can register, be called and talk.')
    const unknown = routerResult({ ...FACTS, lifetimes: [] })
    expect(unknown).toMatchObject({ verdict: 'inconclusive', exitCode: 4 })
    expect(routerPage(unknown)).toContain('could not be measured')
  })
})
