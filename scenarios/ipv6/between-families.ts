import { familyOf, must, precondition, promised, scenario, SessionDescription } from 'ringproof'

const NAMES = { ipv4: 'IPv4', ipv6: 'IPv6' } as const
const DIRECTIONS = [
  ['ipv4', 'ipv6'],
  ['ipv6', 'ipv4'],
] as const

/** One scenario for each direction. */
export default DIRECTIONS.map(([caller, callee]) =>
  scenario({
    id: `ipv6/from-${caller}`,
    title: `A device on ${NAMES[caller]} calls one on ${NAMES[callee]}: both hear each other, and either can hang up`,
    area: 'ipv6',
    purposes: ['V6-RR', 'MED-V4V6'],
    provider: ['EP-9', 'EP-4', 'EP-5'],
    rules: {
      path: must('RFC 6157 §3.1.1', 'each device is given a way through the proxy that its own family can go', {
        gravity: 'harm',
        harm: 'Between customers on IPv6 and on IPv4, devices are sent to addresses that they cannot reach: calls fail or cannot be ended.',
      }),
      reaches: must(
        'RFC 6157 §3.1.1',
        'the proxy stays in the path, so that ACK reaches a device of the other family',
        { gravity: 'harm', harm: 'Calls between customers on IPv6 and on IPv4 are cut off after half a minute.' },
      ),
      byeFromCallee: must('RFC 6157 §3.1.1', 'the called device can hang up: its BYE reaches the caller', {
        gravity: 'harm',
        harm: 'Between customers on IPv6 and on IPv4, one side hangs up and the other does not notice.',
      }),
      byeFromCaller: must('RFC 6157 §3.1.1', 'the caller can hang up: its BYE reaches the called device', {
        gravity: 'harm',
        harm: 'Between customers on IPv6 and on IPv4, one side hangs up and the other does not notice.',
      }),
      calleeHears: promised('EP-9', 'the called device hears the caller', {
        gravity: 'harm',
        harm: 'Customers on IPv6 and customers on IPv4 do not hear each other.',
      }),
      callerHears: promised('EP-9', 'the caller hears the called device', {
        gravity: 'harm',
        harm: 'Customers on IPv6 and customers on IPv4 do not hear each other.',
      }),
      ownFamily: promised('EP-9', 'each side is given a relay of its own family', {
        gravity: 'harm',
        harm: 'Customers on IPv6 and customers on IPv4 do not hear each other: audio is sent to where they cannot.',
      }),
    },
    devices: { alice: { family: caller }, bob: { family: callee } },
    transports: ['udp', 'tcp', 'tls'],
    seconds: 26,
    harm: 'Customers on IPv6 and customers on IPv4 cannot call each other, hear nothing, or cannot hang up.',
    advice: 'Look at the Record-Route values of the INVITE (one of each family, or a name) and at the c= lines.',
    async run({ alice, bob, expect, waits, within }) {
      await alice.registers()
      await bob.registers()
      const setUp = async () => {
        const ringing = bob.nextCall(8_000)
        const caller = await alice.reaches(bob)
        const callee = await ringing
        precondition(callee, 'bob was not rung, though the call was answered')
        const acknowledged = await within(callee.acknowledged, 4_000)
        expect('reaches', acknowledged !== undefined, { seen: alice.says('ACK').last }).toBeTrue('an ACK at bob')
        return { caller, callee }
      }
      const first = await setUp()
      await waits(2_200)
      const [ours, theirs] = [first.caller.media, first.callee.media]
      expect(
        'calleeHears',
        theirs?.report().heard.some((audio) => audio.patternId === ours?.patternId),
      ).toBeTrue("alice's voice")
      expect(
        'callerHears',
        ours?.report().heard.some((audio) => audio.patternId === theirs?.patternId),
      ).toBeTrue("bob's voice")
      const given = [first.caller.remoteSdp, first.callee.remoteSdp].map((sdp) => {
        const connection = sdp === undefined ? undefined : SessionDescription.parse(sdp).media[0]?.connection
        return connection ? `${connection.addrType} ${familyOf(connection.address)}` : 'none'
      })
      const wanted = [alice, bob].map(({ variant }) => (variant.family === 'ipv6' ? 'IP6 ipv6' : 'IP4 ipv4'))
      expect('ownFamily', given).toEqual(wanted)
      const bye = await within(first.callee.hangUp(), 4_000)
      expect('byeFromCallee', bye?.status === 200 && alice.hears('BYE').count > 0, {
        seen: bob.says('BYE').last,
      }).toBeTrue('BYE at alice, 200 at bob')
      if (first.caller.state !== 'ended') await within(first.caller.hangUp(), 2_000)
      const ways = [alice.says('ACK').last, bob.says('BYE').last].map((sent) => sent && familyOf(sent.remote.address))
      expect('path', ways, { seen: bob.hears('INVITE').last, header: 'Record-Route' }).toEqual([
        alice.variant.family,
        bob.variant.family,
      ])
      const second = await setUp()
      const other = await within(second.caller.hangUp(), 4_000)
      expect('byeFromCaller', other?.status === 200 && bob.hears('BYE').count > 0, {
        seen: alice.says('BYE').last,
      }).toBeTrue('BYE at bob, 200 at alice')
    },
  }),
)
