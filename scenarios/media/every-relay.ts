import { onlyWhereRelayed, promised, scenario } from 'ringproof'

export default scenario({
  id: 'media/every-relay',
  title: 'Over several calls in a row, whichever relay they get, nobody is heard in one direction only',
  area: 'media',
  purposes: ['HALF', 'MED-TWOWAY'],
  provider: ['EP-4', 'EP-5', 'BH-4'],
  rules: {
    bothWays: promised('BH-4', 'each call has audio in both directions', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  families: ['ipv4', 'ipv6'],
  seconds: 30,
  harm: 'Every so many calls one of the two hears nothing, and nobody can say why: it depends on the relay.',
  advice: 'The picture names the relay of each call and the side that was silent: look at that relay and its firewall.',
  async run({ alice, bob, expect, within, shows }) {
    await alice.registers()
    await bob.registers()
    const rows: string[][] = []
    const halves: string[] = []
    for (let number = 1; number <= 6; number++) {
      const call = await alice.calls(bob)
      onlyWhereRelayed(call)
      const { caller, callee } = call
      const hears = async (listener: typeof caller | typeof callee, speaker: typeof caller | typeof callee) =>
        (speaker.media && (await listener.media?.hears(speaker.media.patternId, 3_000))) ?? false
      const [aliceHears, bobHears] = await Promise.all([hears(caller, callee), hears(callee, caller)])
      const relays = [caller, callee].map(({ media }) => `${media?.remote?.address}:${media?.remote?.port}`)
      rows.push([
        String(number),
        ...relays,
        aliceHears ? 'hears' : 'hears nothing',
        bobHears ? 'hears' : 'hears nothing',
      ])
      if (!aliceHears) halves.push(`call ${number}: the caller hears nothing from ${relays[0]}`)
      if (!bobHears) halves.push(`call ${number}: the called device hears nothing from ${relays[1]}`)
      await within(caller.hangUp(), 4_000)
    }
    shows({
      kind: 'table',
      title: 'Who heard whom, over which relay',
      columns: ['call', "caller's relay", "called device's relay", 'caller', 'called device'],
      rows,
    })
    expect('bothWays', halves).toBeEmpty()
  },
})
