/** What stories rely on without saying it: that calls are over when a verb says so, and that what was changed is put back. */
import { expect, it } from 'vitest'
import { createResponse } from '../../src/message/build.js'
import { mikeyEcho, owed, scenario } from '../../src/scenario/index.js'
import { runDisguised } from './disguise.js'
import type { Box } from './middlebox.js'

const holds = owed('RFC 3261 §15', 'the story is told', { gravity: 'letter' })
const BASE = {
  id: 'test/story',
  title: 'A story',
  area: 'services',
  purposes: ['MAILBOX'],
  rules: { holds },
  seconds: 40,
  harm: 'None.',
  advice: 'None.',
} as const

const REFUSES = 'v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 0 RTP/SAVP 8\r\n'

it('a call to the echo test that is answered with port 0 is hung up', async () => {
  // Without credentials the INVITE is small enough for UDP, and for a box.
  const box = (): Box => ({
    up: (message, line) => {
      if (message.kind !== 'request' || message.method === 'REGISTER') return true
      const o = { toTag: 'echo', contact: '<sip:echo@127.0.0.71>', contentType: 'application/sdp', body: REFUSES }
      if (message.method === 'INVITE') line.deliver(createResponse(message, 200, undefined, o))
      if (message.method === 'BYE') line.deliver(createResponse(message, 200))
      return false
    },
  })
  const story = scenario({
    ...BASE,
    devices: { alice: {} },
    needs: ['echo'],
    async run({ alice, expect: holdsTo, ...tools }) {
      await alice.registers()
      const { answered } = await mikeyEcho(tools, alice, undefined)
      holdsTo('holds', `${answered}, BYE × ${alice.says('BYE').count}`).toBe('refused, BYE × 1')
    },
  })
  const { scenarios } = await runDisguised([{ definition: story, file: '' }], { box, confirms: false })
  expect(scenarios.map(({ verdict, reason }) => [verdict, reason])).toEqual([['pass', '']])
})
