/** What stories rely on without saying it: that calls are over when a verb says so, and that what was changed is put back. */
import { expect, it } from 'vitest'
import { createResponse } from '../../src/message/build.js'
import type { SipMessage, SipRequest } from '../../src/message/message.js'
import { deletesMessage, leavesMessage, mikeyEcho, owed, playsMessages, scenario } from '../../src/scenario/index.js'
import { runDisguised } from './disguise.js'
import { type Box, bringsLogin } from './middlebox.js'

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

/** Whom the device of this account calls, as in its Request-URIs, in turn. */
function dialledBy(user: () => string, dialled: string[]): () => Box {
  return () => ({
    up: (message) => {
      if (isCall(message) && message.from.uri.includes(user())) dialled.push(/sip:([^@]*)/.exec(message.uri)?.[1] ?? '')
      return true
    },
  })
}

const isCall = (message: SipMessage): message is SipRequest =>
  message.kind === 'request' && message.method === 'INVITE' && message.to.tag === undefined && bringsLogin(message)

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

it('codes are put back before messages are deleted, and messages that nobody saw gone once more', async () => {
  let owner = ''
  let numbers: string[] = []
  const dialled: string[] = []
  const story = scenario({
    ...BASE,
    devices: { alice: {}, bob: {} },
    needs: ['mailbox', 'mailbox-keys', 'codes:callerId', 'codes:mailbox'],
    async run(stage) {
      const { alice, bob, services, within } = stage
      owner = alice.account.user
      const { callerId = '', mailbox = '' } = services.codes
      numbers = [callerId, mailbox, services.mailbox?.internal ?? '']
      await alice.registers()
      await bob.registers()
      await leavesMessage(stage, bob, alice)
      await alice.switches(services.codes.callerId ?? '')
      const call = await playsMessages(stage, alice)
      await deletesMessage(stage, call)
      await within(call.hangUp(), 4_000)
      stage.expect('holds', 'told').toBe('told')
    },
  })
  const box = dialledBy(() => owner, dialled)
  const { scenarios } = await runDisguised([{ definition: story, file: '' }], { box, confirms: false })
  expect(scenarios.map(({ verdict, reason }) => [verdict, reason])).toEqual([['pass', '']])
  // The mailbox had to be switched on before it took the call.
  expect(dialled.slice(-3)).toEqual(numbers)
})
