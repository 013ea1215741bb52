/** Audio that goes from telephone to telephone is told and drawn as such, and never booked on a relay. */
import { expect, it } from 'vitest'
import { ladderView } from '../../src/report/ladder-view.js'
import { runAt } from './switchboard.js'

it('at a server that leads no audio, ladder and relays say so', async () => {
  const { read } = await runAt('media/two-way')
  const { ladder, relays, audio } = read()
  const packets = ladder?.arrows.filter(({ kind }) => kind === 'rtp') ?? []
  expect(new Set(packets.map(({ from, to, direct }) => `${from} > ${to} ${direct}`))).toEqual(
    new Set(['alice > bob true', 'bob > alice true']),
  )
  expect(packets.map(({ label }) => label.replaceAll(/\d+/g, 'n'))).toContain(
    'n RTP packets in n.n s directly to n.n.n.n:n',
  )
  expect(ladder?.arrows.filter(({ kind, direct }) => kind === 'sip' && direct)).toEqual([])
  expect([relays, audio]).toEqual([undefined, undefined])
  // Past the lane of the target, which stands between the two.
  expect(ladder && String(ladderView(ladder, []))).toContain('class="past"')
})
