import { describe, expect, it } from 'vitest'
import { createRequest, createResponse } from '../../../src/message/build.js'
import { PassedOffers } from '../../../src/provider/passed-offers.js'
import type { TransportName } from '../../../src/transport/flow.js'
import { called, Town } from './town.js'

/** A call without an offer; the callee offers while it rings. Who hears whom before and after the answer. */
async function heard(from: TransportName, to: TransportName): Promise<Record<string, boolean[]>> {
  const town = new Town()
  const seen: Record<string, boolean[]> = {}
  await town.run(async () => {
    await town.open()
    const [alice, bob] = [await town.phone(1, { transport: from }), await town.phone(2, { transport: to })]
    for (const phone of [alice, bob]) await phone.register()
    const ringing = called(bob)
    const out = alice.invite(town.provider.accounts[1]!.numbers[0]!, { lateOffer: true })
    const inc = await ringing
    const now = async () => {
      const since = { since: town.clock.now() + 300 }
      return [await out.media!.hears(1002, 1_000, since), await inc.media!.hears(1001, 1_000, since)]
    }
    await inc.progress183({ reliable: true })
    await out.ringing
    seen['while it rings'] = await now()
    await inc.answer()
    await out.answered
    seen['in the call'] = await now()
    await out.hangUp()
  })
  return seen
}

describe('an offer in a reliable response, and its answer in the PRACK', () => {
  it.each([
    ['udp', 'tls'],
    ['tls', 'udp'],
    ['udp', 'udp'],
  ] as const)('%s to %s: both hear each other, with SRTP that ends at the relay', async (from, to) => {
    expect(await heard(from, to)).toEqual({ 'while it rings': [true, true], 'in the call': [true, true] })
  })
})

const request = (method: string, cseq: number, body = '') =>
  createRequest({
    method,
    uri: 'sip:b@test',
    from: '<sip:a@test>;tag=a',
    to: '<sip:b@test>;tag=b',
    callId: 'c',
    cseq,
    body,
  })

const response = (method: string, cseq: number, status: number, body = '') => {
  const made = createResponse(request(method, cseq), status)
  made.body = Buffer.from(body)
  return made
}

describe('what a description is', () => {
  it('an answer in PRACK to the offer of a reliable response, and an offer after that', () => {
    const told = new PassedOffers()
    const offer = response('INVITE', 1, 183, 'offer')
    expect(told.roleOf(offer, 'callee')).toBe('offer')
    expect(told.roleOf(request('PRACK', 2, 'answer'), 'caller')).toBe('answer')
    // The response was on its way once more when the PRACK came.
    expect(told.roleOf(offer, 'callee')).toBe('offer')
    const change = told.roleOf(request('PRACK', 3, 'change'), 'caller')
    expect(change).toBe('offer')
    expect(told.roleOf(response('PRACK', 3, 200, 'agreed'), 'callee', change)).toBe('answer')
  })

  it('an answer in every response of an INVITE that offers; an offer in its PRACK', () => {
    const told = new PassedOffers()
    const asked = told.roleOf(request('INVITE', 1, 'offer'), 'caller')
    expect(asked).toBe('offer')
    expect(told.roleOf(response('INVITE', 1, 183, 'answer'), 'callee', asked)).toBe('answer')
    expect(told.roleOf(request('PRACK', 2, 'change'), 'caller')).toBe('offer')
    expect(told.roleOf(response('INVITE', 1, 200, 'answer'), 'callee', asked)).toBe('answer')
    expect(told.roleOf(request('ACK', 1, 'what for'), 'caller')).toBe('beside')
  })

  it('an answer in the ACK, however often it comes, and again when the same is offered anew', () => {
    const told = new PassedOffers()
    for (const cseq of [1, 5]) {
      expect(told.roleOf(response('INVITE', cseq, 200, 'offer'), 'callee')).toBe('offer')
      expect(told.roleOf(request('ACK', cseq, 'answer'), 'caller')).toBe('answer')
      expect(told.roleOf(request('ACK', cseq, 'answer'), 'caller')).toBe('answer')
    }
    expect(told.roleOf(request('UPDATE', 7, 'change'), 'callee')).toBe('offer')
    expect(told.roleOf(request('ACK', 5, 'answer'), 'caller')).toBe('beside')
  })

  it('neither, where nothing is offered', () => {
    expect(new PassedOffers().roleOf(response('OPTIONS', 3, 200, 'what I can do'), 'callee')).toBe('beside')
    expect(new PassedOffers().roleOf(request('INFO', 3, 'what I can do'), 'callee')).toBe('beside')
  })
})
