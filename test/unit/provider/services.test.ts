import { describe, expect, it } from 'vitest'
import { announced } from './announced.js'
import { called, Town } from './town.js'

const numberOf = (town: Town, n: number) => town.provider.accounts[n - 1]!.numbers[0]!

/** Dials a code and waits for the announcement to end. */
async function dials(town: Town, phone: Awaited<ReturnType<Town['phone']>>, code: string): Promise<string | undefined> {
  const since = town.clock.now()
  const call = phone.invite(code)
  const status = (await call.answered)?.status
  expect(status).toBe(200)
  expect(await call.ended).toMatchObject({ by: 'remote', cause: 'bye' })
  return announced(town, since)
}

describe('service numbers', () => {
  it('DTMF test tells digits back, also such that repeat', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1, { media: { dtmfPayloadType: 97 } })
      const call = alice.invite('00038799998')
      await call.answered
      await call.sendDigits('1155*#0')
      expect(await call.media?.hearsDigits(7, 5000)).toBe('1155*#0')
      await call.sendDigits('9')
      expect(await call.media?.hearsDigits(8, 5000)).toBe('1155*#09')
      await call.hangUp()
    })
  })

  it('the same number is reached with separators, the same code with escapes', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1)
      for (const number of ['0211-23706687', '00038711111', '%2A01', '*01']) {
        const since = town.clock.now()
        const call = alice.invite(`sip:${number}@proxy.ringproof.test`)
        expect((await call.answered)?.status).toBe(200)
        await town.clock.sleep(1000)
        expect(announced(town, since)).toBe('mailboxMenu')
        await call.hangUp()
      }
      expect((await alice.invite('*99').answered)?.status).toBe(404)
    })
  })

  it('diversions take the call to the third account', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const [alice, bob, carol] = [await town.phone(1), await town.phone(2), await town.phone(3)]
      for (const phone of [bob, carol]) await phone.register()
      expect(await dials(town, bob, '*40')).toBe('switchedOn')
      carol.onCall = (call) => void call.answer()
      bob.onCall = (call) => void call.reject(486)
      const diverted = alice.invite(numberOf(town, 2))
      expect((await diverted.answered)?.status).toBe(200)
      expect(await diverted.media?.hears(1003, 5000)).toBe(true)
      await diverted.hangUp()
      expect(await dials(town, bob, '*40')).toBe('switchedOff')
      expect((await alice.invite(numberOf(town, 2)).answered)?.status).toBe(486)
      expect(await dials(town, bob, '*21')).toBe('switchedOn')
      const busy = alice.invite(numberOf(town, 2))
      expect((await busy.answered)?.status).toBe(200)
      expect(await busy.media?.hears(1003, 5000)).toBe(true)
      await busy.hangUp()
      // No answer, and not reachable.
      await dials(town, bob, '*21')
      await dials(town, bob, '*20')
      bob.onCall = (call) => void call.ring()
      const patient = alice.invite(numberOf(town, 2))
      expect((await patient.answered)?.status).toBe(200)
      await patient.hangUp()
      await dials(town, bob, '*22')
      await bob.unregister()
      const away = alice.invite(numberOf(town, 2))
      expect((await away.answered)?.status).toBe(200)
      await away.hangUp()
    })
  })

  it('the mailbox takes what nobody answers; a diversion that leads back ends with 482', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const [alice, carol] = [await town.phone(1), await town.phone(3)]
      await carol.register()
      await dials(town, carol, '*11')
      await carol.unregister()
      const call = alice.invite(numberOf(town, 3))
      expect((await call.answered)?.status).toBe(200)
      const since = town.clock.now()
      await town.clock.sleep(1000)
      expect(announced(town, since)).toBe('mailboxDeposit')
      await call.hangUp()
      await dials(town, carol, '*40')
      expect((await alice.invite(numberOf(town, 3)).answered)?.status).toBe(482)
    })
  })

  it('a call that the mailbox takes from a telephone that rang is no call between telephones', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const [alice, carol] = [await town.phone(1), await town.phone(3)]
      await carol.register()
      await dials(town, carol, '*11')
      const ringing = called(carol)
      const call = alice.invite(numberOf(town, 3))
      const inc = await ringing
      await inc.ring()
      await town.clock.sleep(500)
      await inc.reject(486)
      expect((await call.answered)?.status).toBe(200)
      expect(town.provider.stats()).toMatchObject({ callsOn: 0, serviceCalls: 1 })
      await call.hangUp()
      expect(town.provider.stats()).toMatchObject({ callsOn: 0, serviceCalls: 0 })
    })
  })

  it('withholds the number', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const [alice, bob] = [await town.phone(1), await town.phone(2)]
      await bob.register()
      await dials(town, alice, '*10')
      const ringing = called(bob)
      const out = alice.invite(numberOf(town, 2))
      const inc = await ringing
      expect(inc.invite.toBytes().toString()).not.toMatch(/00038710001|0211550001/)
      await inc.answer()
      expect((await out.answered)?.status).toBe(200)
      await inc.acknowledged
      expect((await inc.reinvite()).status).toBe(200)
      expect((await out.reinvite()).status).toBe(200)
      expect((await inc.hangUp())?.status).toBe(200)
      await out.ended
    })
    for (const { to, data, message } of town.parcels)
      if (to.address === '192.0.2.2' && message !== undefined) expect(data.toString()).not.toMatch(/00038710001/)
  })

  it('wakes twice, five minutes apart, and can be told not to', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1)
      await alice.register()
      expect(await dials(town, alice, '*55*0102#')).toBe('wakeUpSet')
      expect(await dials(town, alice, '*55*0130#')).toBe('wakeUpSet')
      const query = alice.invite('*#55#')
      await query.answered
      expect(await query.media?.hearsDigits(8, 10_000)).toBe('01020130')
      await query.ended
      expect(await dials(town, alice, '#55*0130#')).toBe('wakeUpCancelled')
      const at: number[] = []
      alice.onCall = (call) => {
        at.push(town.clock.unixMs())
        void call.answer()
      }
      await town.clock.sleep(3_600_000)
      expect(at.map((ms) => Math.round((ms - Date.UTC(2000, 0, 1)) / 1000))).toEqual([120, 420])
    })
  })

  it('a trunk learns the extension; the queue rings all agents', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const trunk = await town.phone(12)
      const agents = [await town.phone(10), await town.phone(11)]
      const alice = await town.phone(1)
      for (const phone of [trunk, ...agents]) await phone.register()
      const ringing = called(trunk)
      const out = alice.invite(`${numberOf(town, 12)}42`)
      const inc = await ringing
      expect(inc.invite.headers.get('P-Called-Party-ID')).toBe('<sip:021155001242@proxy.ringproof.test>')
      expect(inc.invite.to.uri).toBe('sip:021155001242@proxy.ringproof.test')
      await inc.answer()
      await out.answered
      await out.hangUp()
      const rings = agents.map(called)
      const queued = alice.invite('00038799990')
      const [first, second] = await Promise.all(rings)
      await first!.ring()
      await second!.ring()
      await first!.answer()
      expect((await queued.answered)?.status).toBe(200)
      expect(await second!.ended).toMatchObject({ cause: 'cancelled' })
      await queued.hangUp()
      await dials(town, agents[1]!, '*30')
      const alone = called(agents[0]!)
      agents[1]!.onCall = () => expect.fail('a paused agent rings')
      const again = alice.invite('00038799990')
      await (await alone).answer()
      await again.answered
      await again.hangUp()
    })
  })
})
