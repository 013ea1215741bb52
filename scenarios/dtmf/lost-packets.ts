import { outcomeOfOffer, precondition, promised, scenario, serializeEvent } from 'ringproof'

export default scenario({
  id: 'dtmf/lost-packets',
  title: 'A digit is one digit although packets of it are lost, the first and two of three ends among them',
  area: 'dtmf',
  purposes: ['EV-END', 'EV-REPEAT'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    one: promised('EP-10', 'each key is told back once: one end packet will do, three are still one', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  harm: 'On lines with a little loss, menus miss keys or take them twice.',
  advice:
    'Look at how the service reads telephone-events: by timestamp and event, not by marker or by single end packets.',
  async run({ alice, services, clock, expect, within, waits }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const type = alice.eventPayloadType
    const call = await alice.invites(services.dtmfTest ?? '', { sdp: audio.describes() })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `the offer was refused (${outcome.status})`)
    precondition(
      outcome.audio.rtpMaps.some(({ encoding }) => /^telephone-event$/i.test(encoding)),
      'no telephone-events',
    )
    audio.follows(call.remoteSdp)
    await audio.speaks(0x111111, 400)
    /** 80 ms of a key: four reports, then the end twice more; what is in `lost` does not arrive. */
    const press = async (event: number, lost: readonly number[]) => {
      const begin = audio.timestamp
      for (let n = 0; n < 7; n++) {
        const report = { event, end: n >= 4, volume: 10, duration: 160 * Math.min(n + 1, 5) }
        audio.sends(serializeEvent(report), {
          payloadType: type,
          marker: n === 0,
          timestamp: begin,
          edit: (wire) => (lost.includes(n) ? undefined : wire),
        })
        await clock.sleep(20)
      }
      audio.timestamp = (begin + 160 * 12) >>> 0
      await clock.sleep(100)
    }
    await press(4, [])
    await press(7, [0, 1, 5, 6])
    await press(7, [4, 5])
    await press(1, [0])
    await audio.speaks(0x111111, 4_000)
    await waits(200)
    const told = audio.digits
    precondition(told.length > 0, 'the module told back nothing')
    expect('one', told).toBe('4771')
    await within(call.hangUp(), 4_000)
  },
})
