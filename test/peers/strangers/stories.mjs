// What happens in the world while tcpdump listens: well calls, and defects that the real world has.
import { join } from 'node:path'
import { pause } from './world.mjs'

const FAR = ['far', '198.51.100.9', '2002']
const HOME = ['home', '192.168.1.20', '2001']

/** The two telephones: one at home behind NAT, one elsewhere. */
async function two(world, sound, home = {}, far = {}) {
  const there = await world.phone(...FAR, { answers: true, sound, ...far })
  return [await world.phone(...HOME, { sound, ...home }), there]
}

async function talks(caller, seconds, to = '2002') {
  caller.tells('dial', `sip:${to}@voip.example`)
  await caller.says(/established/)
  await pause(seconds)
  caller.tells('hangup')
  await pause(0.5)
}

/** One call from home, with something lost on its way. */
const call = (seconds, lost, o = {}) => ({
  ...o,
  async tells(world, sound) {
    for (const rule of lost) world.loses(...rule)
    const [home] = await two(world, sound)
    await talks(home, seconds)
  },
})

/**
 * By name. `at`: where tcpdump listens; `filter`, `more`: how; `without`: what the provider does not do; `early`: what happens before
 * tcpdump listens, whose result `tells` is given.
 */
export const STORIES = {
  clean: call(3, [], { at: ['home', 'nat', 'prov'] }),
  incoming: {
    at: ['home', 'nat', 'prov'],
    async tells(world, sound) {
      const [home, far] = await two(world, sound, { answers: true })
      far.tells('dial', 'sip:2001@voip.example')
      await far.says(/established/)
      await pause(2)
      for (const command of ['hold', 'resume']) {
        far.tells(command)
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await pause(1.5)
      }
      home.tells('hangup')
      await pause(0.5)
    },
  },
  ends: {
    at: ['prov'],
    async tells(world, sound) {
      const [home, far] = await two(world, sound, {}, { answers: false })
      const dials = async (number, seconds) => {
        home.tells('dial', `sip:${number}@voip.example`)
        await pause(seconds)
      }
      await dials('2002', 1.5)
      home.tells('hangup')
      await dials('2002', 1.5)
      far.tells('hangup')
      await dials('4711', 1)
      await dials('2002', 1.5)
      far.tells('accept')
      await pause(2)
      far.tells('hangup')
      await pause(0.5)
    },
  },
  tcp: {
    at: ['home'],
    async tells(world, sound) {
      const [home] = await two(world, sound, { transport: 'tcp' }, { transport: 'tcp' })
      await talks(home, 3)
    },
  },
  srtp: {
    at: ['home'],
    async tells(world, sound) {
      const encrypted = { modules: ['srtp'], params: ';mediaenc=srtp-mand' }
      const [home] = await two(world, sound, encrypted, encrypted)
      await talks(home, 0.3)
    },
  },
  midcall: {
    at: ['prov'],
    async early(world, sound) {
      const [home, far] = await two(world, sound)
      home.tells('dial', 'sip:2002@voip.example')
      await home.says(/established/)
      await pause(1)
      return [home, far]
    },
    async tells(_world, _sound, [home, far]) {
      await pause(2)
      far.tells('hold')
      await pause(1.5)
      far.tells('resume')
      await pause(1.5)
      home.tells('hangup')
      await pause(0.5)
    },
  },
  'no-end': {
    at: ['prov'],
    async tells(world, sound) {
      const [home] = await two(world, sound)
      home.tells('dial', 'sip:2002@voip.example')
      await home.says(/established/)
      await pause(3)
    },
  },
  snapped: call(3, [], { at: ['prov'], more: ['-s', '96'] }),
  'ack-lost': call(
    36,
    [['prov', '-A', 'INPUT', '-m', 'string', '--string', 'ACK sip:2002-', '--algo', 'bm']],
    // As people do it who were told to look at SIP.
    { at: ['home', 'prov', 'far'], filter: 'port 5060 or icmp' },
  ),
  'bye-lost': {
    at: ['home', 'prov'],
    filter: 'port 5060 or icmp',
    async tells(world, sound) {
      world.loses('prov', '-A', 'INPUT', '-m', 'string', '--string', 'BYE sip:', '--algo', 'bm')
      const [home] = await two(world, sound)
      await talks(home, 2)
      await pause(33)
    },
  },
  'not-heard': call(4, [['core', '-A', 'FORWARD', '-s', '203.0.113.8', '-d', '192.0.2.33', '-p', 'udp']], {
    at: ['home', 'nat'],
  }),
  'not-sent': call(4, [['core', '-A', 'FORWARD', '-s', '192.0.2.33', '-d', '203.0.113.8', '-p', 'udp']], {
    at: ['prov'],
  }),
  'private-audio': call(4, [], { at: ['home', 'far'], without: ['NO_RELAY'] }),
  'private-contact': {
    at: ['prov'],
    without: ['NO_NAT'],
    async tells(world, sound) {
      const [, far] = await two(world, sound, { answers: true })
      far.tells('dial', 'sip:2001@voip.example')
      await pause(34)
    },
  },
  forgotten: {
    at: ['nat', 'prov'],
    async tells(world, sound) {
      for (const key of ['udp_timeout', 'udp_timeout_stream']) world.sets('nat', `netfilter/nf_conntrack_${key}`, 5)
      world.loses('nat', '-A', 'INPUT', '-i', 'wan')
      const [, far] = await two(world, sound, { answers: true, expires: 60 })
      await pause(8)
      far.tells('dial', 'sip:2001@voip.example')
      await pause(55)
    },
  },
  'wrong-password': {
    at: ['home'],
    async tells(world, sound) {
      await world.phone(...HOME, { sound, password: 'wrong', awaits: /401|403|Unauthorized/ })
      await pause(20)
    },
  },
  'too-large': {
    at: ['home', 'prov'],
    async tells(world, sound) {
      world.loses('core', '-A', 'FORWARD', '-f')
      await world.phone(...HOME, { sound })
      await world.sipp('home', 'large.xml', '-i', '192.168.1.20', '-p', '5070', '203.0.113.7:5060')
    },
  },
  keypad: {
    at: ['home'],
    async tells(world, sound, _early, { file }) {
      // What it says has tones of the keypad in it, as a telephone sends that was set to both ways.
      const [home] = await two(world, sound, { sound: file('keys.wav') })
      home.tells('dial', 'sip:2002@voip.example')
      await home.says(/established/)
      for (const key of '42') {
        home.tells('sndcode', key)
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await pause(0.4)
      }
      await pause(2)
      home.tells('hangup')
      await pause(0.5)
    },
  },
}

/** Tells one, into files `NAME-PLACE.pcap` of a folder. */
export async function tell(name, world, { folder, sound, file }) {
  const { at, without = [], filter, more, early, tells } = STORIES[name]
  await world.provider(...without)
  const before = await early?.(world, sound)
  for (const space of at) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await world.dumps(space, join(folder, `${name}-${space}.pcap`), { filter, more })
  }
  await tells(world, sound, before, { file })
}
