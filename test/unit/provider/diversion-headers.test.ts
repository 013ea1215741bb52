import { expect, it } from 'vitest'
import { headersOfWay } from '../../../src/provider/diversion-headers.js'

const step = (called: string, reason: 'user-busy' | 'deflection', withheld = false) => ({ called, reason, withheld })

it('names the latest diversion first, and the targets in their order', () => {
  const headers = headersOfWay([step('1', 'user-busy'), step('2', 'deflection')], '3', 'sip:x@192.0.2.1', 'p.test')
  expect(headers).toEqual([
    ['Diversion', '<sip:2@p.test>;reason=deflection;counter=1;privacy=off'],
    ['Diversion', '<sip:1@p.test>;reason=user-busy;counter=1;privacy=off'],
    [
      'History-Info',
      '<sip:1@p.test>;index=1, <sip:2@p.test>;index=1.1;mp=1, <sip:3@p.test>;index=1.2, <sip:x@192.0.2.1>;index=1.2.1;rc=1.2',
    ],
  ])
})

it('does not name who diverts and withholds their number', () => {
  const headers = headersOfWay([step('1', 'user-busy', true)], '2', 'sip:x@192.0.2.1', 'p.test')
  expect(JSON.stringify(headers)).not.toContain('sip:1@')
  expect(headers[0]?.[1]).toBe('<sip:anonymous@anonymous.invalid>;reason=user-busy;counter=1;privacy=full')
})
