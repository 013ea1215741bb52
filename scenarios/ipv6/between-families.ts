import { familyOf, must, precondition, promised, scenario, SessionDescription, voiceAt, whereReached } from 'ringproof'

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
      path: must('RFC 6157 §3.1.1', 'each device is given a route through the proxy in its own family', {
        gravity: 'outage',
        cause: 'route-one-family',
        follows: ['route-lost', 'ack-lost'],
        harm: 'Calls between customers on IPv6 and on IPv4 fail: one side is given a route that it cannot reach.',
      }),
      reaches: must(
        'RFC 6157 §3.1.1',
        'the proxy stays in the path, so that ACK reaches a device of the other family',
        {
          gravity: 'outage',
          cause: 'route-one-family',
          follows: ['route-lost', 'ack-lost'],
          harm: 'Calls between customers on IPv6 and on IPv4 are cut off after half a minute: the ACK is lost.',
        },
      ),
      byeFromCallee: must('RFC 6157 §3.1.1', 'the called device can hang up: its BYE reaches the caller', {
        gravity: 'harm',
        cause: 'route-one-family',
        follows: ['route-lost', 'ack-lost'],
        harm: 'Between customers on IPv6 and on IPv4, the caller does not notice that the other side hung up.',
      }),
      byeFromCaller: must('RFC 6157 §3.1.1', 'the caller can hang up: its BYE reaches the called device', {
        gravity: 'harm',
        cause: 'route-one-family',
        follows: ['route-lost', 'ack-lost'],
        harm: 'Between customers on IPv6 and on IPv4, the called party does not notice that the caller hung up.',
      }),
      calleeHears: promised('EP-9', `the caller's audio arrives at the called device, on ${NAMES[callee]}`, {
        gravity: 'outage',
        cause: 'no-audio',
        follows: ['address-family-wrong'],
        harm: `The called party, on ${NAMES[callee]}, hears nothing of callers on ${NAMES[caller]}.`,
      }),
      callerHears: promised('EP-9', `the called device's audio arrives at the caller, on ${NAMES[caller]}`, {
        gravity: 'outage',
        cause: 'no-audio',
        follows: ['address-family-wrong'],
        harm: `Callers on ${NAMES[caller]} hear nothing of customers on ${NAMES[callee]}.`,
      }),
      intact: whereReached(
        promised('EP-9', 'audio between IPv4 and IPv6 arrives as it was sent', {
          gravity: 'outage',
          cause: 'audio-altered',
          follows: ['audio-lost'],
          harm: 'Customers on IPv6 and on IPv4 hear noise from each other: audio is altered on its way.',
        }),
      ),
      ownFamily: promised('EP-9', 'each side is given a relay address of its own family', {
        gravity: 'outage',
        cause: 'address-family-wrong',
        harm: 'Customers on IPv6 and on IPv4 cannot hear each other: SDP gives an address of the wrong family.',
      }),
    },
    devices: { alice: { family: caller }, bob: { family: callee } },
    reliesOn: 'call',
    step: 'talk',
    transports: ['udp', 'tcp', 'tls'],
    seconds: 30,
    harm: 'Calls between customers on IPv6 and on IPv4 do not work.',
    advice:
      'Look at the Record-Route values of the INVITE, which must be one of each family, or a name with both (Kamailio, OpenSIPS: double Record-Route, enable_double_rr of the rr module), and at the c= lines (rtpengine: address family IP4 or IP6 towards each side).',
    async run({ alice, bob, expect, waits, within }) {
      await alice.registers()
      await bob.registers()
      const setUp = async () => {
        const ringing = bob.nextCall(8_000)
        const arrives = bob.hears('INVITE').next(8_000)
        const reaching = alice.reaches(bob)
        reaching.catch(() => undefined)
        // A device of one family rejects an offer of the other: nothing after that would be reached.
        const offered = (await arrives)?.message.body.toString()
        const given = offered ? SessionDescription.parse(offered).media[0]?.connection : undefined
        if (given && familyOf(given.address) !== bob.variant.family)
          expect('ownFamily', `${given.addrType} ${given.address}`).toSatisfy(bob.variant.family, () => false)
        const caller = await reaching
        const callee = await ringing
        precondition(callee, 'the call did not arrive at the called device, though it was answered', 'call-not-arrived')
        const acknowledged = await within(callee.acknowledged, 4_000)
        expect('reaches', acknowledged !== undefined, { seen: alice.says('ACK').last }).toBeTrue(
          'an ACK at the called device',
        )
        return { caller, callee }
      }
      const first = await setUp()
      await waits(2_200)
      const [ours, theirs] = [first.caller.media, first.callee.media]
      const [atAlice, atBob] = [voiceAt(alice, ours, theirs?.patternId), voiceAt(bob, theirs, ours?.patternId)]
      expect('calleeHears', atBob.words).toSatisfy("the caller's audio", () => atBob.audible)
      expect('callerHears', atAlice.words).toSatisfy("the called device's audio", () => atAlice.audible)
      if (atAlice.audible || atBob.audible) expect('intact', [atAlice, atBob]).toBeIntact()
      const given = [first.caller.remoteSdp, first.callee.remoteSdp].map((sdp) => {
        const connection = sdp === undefined ? undefined : SessionDescription.parse(sdp).media[0]?.connection
        return connection ? `${connection.addrType} ${familyOf(connection.address)}` : 'none'
      })
      const wanted = [alice, bob].map(({ variant }) => (variant.family === 'ipv6' ? 'IP6 ipv6' : 'IP4 ipv4'))
      expect('ownFamily', given).toEqual(wanted)
      const bye = await within(first.callee.hangUp(), 4_000)
      // A back-to-back user agent answers a BYE by itself, and hangs up on the other side a moment later.
      const cameBack = await alice.hears('BYE').reaches(1, 2_000)
      expect('byeFromCallee', bye?.status === 200 && cameBack, {
        seen: bob.says('BYE').last,
      }).toBeTrue('a BYE at the caller, and 200 for it')
      if (first.caller.state !== 'ended') await within(first.caller.hangUp(), 2_000)
      const ways = [alice.says('ACK').last, bob.says('BYE').last].map((sent) =>
        sent ? familyOf(sent.remote.address) : 'nothing sent',
      )
      expect('path', ways, { seen: bob.hears('INVITE').last, header: 'Record-Route' }).toEqual([
        alice.variant.family,
        bob.variant.family,
      ])
      const second = await setUp()
      const other = await within(second.caller.hangUp(), 4_000)
      const cameOn = await bob.hears('BYE').reaches(1, 2_000)
      expect('byeFromCaller', other?.status === 200 && cameOn, {
        seen: alice.says('BYE').last,
      }).toBeTrue('a BYE at the called device, and 200 for it')
    },
  }),
)
