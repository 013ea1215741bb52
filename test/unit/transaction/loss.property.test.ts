import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reply, World } from './peers.js'

const ALICE = '10.0.0.1'
const BOB = '10.0.0.2'

/**
 * One run: an INVITE and an OPTIONS over a wire that loses, doubles and reorders; the callee refuses, or accepts and
 * repeats its 2xx as a user must, or is cancelled. Whatever happens, everybody is told one outcome and nothing stays.
 */
async function live(o: {
  seed: number
  loss: number
  duplicate: number
  reorder: number
  plan: string
}): Promise<void> {
  const world = new World(o.seed)
  world.network.setLink({
    conditions: { delayMs: 20, jitterMs: 15, loss: o.loss, duplicate: o.duplicate, reorder: o.reorder },
  })
  await world.run(async () => {
    const alice = await world.peer(ALICE)
    const bob = await world.peer(BOB)
    const { clock } = world
    const again = async (stop: () => boolean, send: () => void) => {
      for (let wait = 500, spent = 0; spent < 32_000 && !stop(); spent += wait, wait = Math.min(wait * 2, 4000)) {
        send()
        await clock.sleep(wait)
      }
    }
    bob.layer.onRequest = (tx) => {
      bob.requests.push(tx)
      if (tx.request.method === 'OPTIONS') {
        void clock.sleep(o.seed % 5000).then(() => tx.respond(reply(tx, 200)))
        return
      }
      if (tx.request.method !== 'INVITE') {
        tx.respond(reply(tx, 481))
        return
      }
      tx.onCancel = (cancel) => {
        cancel.respond(reply(cancel, 200))
        tx.respond(reply(tx, 487))
      }
      void clock.sleep(100 + (o.seed % 700)).then(async () => {
        tx.respond(reply(tx, 180))
        await clock.sleep(o.seed % 9000)
        if (o.plan === 'accept') {
          await again(
            () => bob.acks.length > 0,
            () => tx.respond(reply(tx, 200)),
          )
        } else {
          tx.respond(reply(tx, 486))
        }
      })
    }
    const invite = alice.send(alice.request('INVITE', bob), bob.hop())
    const options = alice.send(alice.request('OPTIONS', bob), bob.hop())
    if (o.plan === 'cancel') void clock.sleep(o.seed % 4000).then(() => invite.tx.cancel())
    // After the last provisional the INVITE is the user's to end.
    await clock.sleep(120_000)
    invite.tx.terminate()
    await clock.sleep(40_000)

    expect(options.told.filter((w) => w === '200' || w === 'timeout').length).toBe(1)
    expect(options.told.at(-1)).toBe('terminated')
    expect(invite.told.at(-1)).toBe('terminated')
    const finals = invite.told.filter((w) => /^[3-6]|timeout/.test(w))
    expect(finals.length).toBeLessThanOrEqual(1)
    expect(invite.tx.state).toBe('terminated')
    for (const tx of bob.requests) expect(tx.state).toBe('terminated')
    expect(alice.layer.size).toEqual({ client: 0, server: 0 })
    expect(bob.layer.size).toEqual({ client: 0, server: 0 })
    // A repeat never reaches the user as a new request while its transaction lives; the CANCEL has one of its own.
    expect(bob.requests.filter((tx) => tx.request.method === 'OPTIONS').length).toBeLessThanOrEqual(1)
    expect(bob.requests.filter((tx) => tx.request.method === 'INVITE').length).toBeLessThanOrEqual(1)
  })
}

describe('under any loss below all', () => {
  it('both sides end, and no transaction is left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          loss: fc.double({ min: 0, max: 0.99, noNaN: true }),
          duplicate: fc.double({ min: 0, max: 0.5, noNaN: true }),
          reorder: fc.double({ min: 0, max: 0.5, noNaN: true }),
          plan: fc.constantFrom('accept', 'refuse', 'cancel'),
        }),
        live,
      ),
      { numRuns: 150 },
    )
  })

  it('and when nothing at all arrives', () => live({ seed: 7, loss: 1, duplicate: 0, reorder: 0, plan: 'refuse' }))
})
