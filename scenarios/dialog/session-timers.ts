import {
  type DeviceOptions,
  inconclusive,
  must,
  owed,
  scenario,
  type SipSighting,
  talksNowAndThen,
  unsupported,
  wasProxied,
  whereReached,
} from 'ringproof'

/** The least interval that RFC 4028 §5 permits; servers whose least is longer than the second number are not waited for. */
const LEAST_S = 90
const LONGEST_S = 180
const INTERVALS = 3

type Timer = NonNullable<DeviceOptions['sessionTimer']>

interface Story {
  readonly id: string
  readonly title: string
  readonly caller?: Timer
  readonly callee?: Timer
}

const asks = (refresher: 'uac' | 'uas', method: 'UPDATE' | 'INVITE'): Timer => ({ seconds: LEAST_S, refresher, method })

const STORIES: readonly Story[] = [
  {
    id: 'session-of-caller-update',
    title: 'A call whose caller refreshes the session timer by UPDATE goes on and on',
    caller: asks('uac', 'UPDATE'),
    callee: asks('uac', 'UPDATE'),
  },
  {
    id: 'session-of-caller-invite',
    title: 'A call whose caller refreshes the session timer by re-INVITE goes on and on',
    caller: asks('uac', 'INVITE'),
    callee: asks('uac', 'INVITE'),
  },
  {
    id: 'session-of-callee-update',
    title: 'A call whose callee refreshes the session timer by UPDATE goes on and on',
    caller: asks('uas', 'UPDATE'),
    callee: asks('uas', 'UPDATE'),
  },
  {
    id: 'session-of-callee-invite',
    title: 'A call whose callee refreshes the session timer by re-INVITE goes on and on',
    caller: asks('uas', 'INVITE'),
    callee: asks('uas', 'INVITE'),
  },
  {
    id: 'session-of-caller-alone',
    title: 'A call goes on where the called device does not know session timers',
    caller: asks('uac', 'UPDATE'),
  },
  {
    id: 'session-of-callee-alone',
    title: 'A call goes on where the calling device does not know session timers',
    callee: asks('uas', 'UPDATE'),
  },
]

const HARM = 'Long calls are cut off after {after|some minutes}, when their session timer runs out.'

export default STORIES.map(({ id, title, caller: ofCaller, callee: ofCallee }) =>
  scenario({
    id: `dialog/${id}`,
    title,
    area: 'dialog',
    purposes: ['ST-ENDS'],
    provider: ['BH-1'],
    rules: {
      asked: whereReached(
        must('RFC 4028 §8.1', 'a proxy does not make the session interval longer, nor choose who refreshes', {
          gravity: 'harm',
          follows: ['nat/longest-silence'],
          cause: 'session-refresh-lost',
          harm: 'The two telephones of a call disagree on its session timer: long calls are cut off.',
        }),
      ),
      told: whereReached(
        must('RFC 4028 §8.2', 'a proxy forwards the Session-Expires of the answer as it is', {
          gravity: 'outage',
          cause: 'session-refresh-lost',
          follows: ['hold-ignored', 'nat/longest-silence'],
          harm: HARM,
        }),
      ),
      refreshed: whereReached(
        owed('RFC 4028 §10', 'a refresh of the session timer is answered with a 2xx', {
          gravity: 'outage',
          cause: 'session-refresh-lost',
          follows: ['route-lost', 'ack-lost', 'hold-ignored', 'nat/longest-silence'],
          harm: HARM,
        }),
      ),
      stays: owed('RFC 4028 §10', 'a call whose devices keep its session timer goes on for several intervals', {
        gravity: 'outage',
        cause: 'session-refresh-lost',
        follows: ['route-lost', 'ack-lost', 'calls-cut-off', 'media/long-call', 'hold-ignored', 'nat/longest-silence'],
        harm: HARM,
      }),
    },
    devices: {
      alice: ofCaller === undefined ? {} : { sessionTimer: ofCaller },
      bob: ofCallee === undefined ? {} : { sessionTimer: ofCallee },
    },
    needs: ['session-timers'],
    seconds: INTERVALS * LONGEST_S + 40,
    reliesOn: 'call',
    step: 'talk',
    harm: HARM,
    advice:
      'Look in the ladder at Session-Expires of the INVITE and of its 200, on both sides, at who is to refresh (refresher), and at what becomes of the UPDATE or re-INVITE at half the interval. It must pass without a new log-in that the device cannot give. Kamailio: the sst and dialog modules; Asterisk: timers, timers_sess_expires; FreeSWITCH: enable-timer, session-timeout.',
    async run({ alice, bob, expect, figure, clock, waits, within }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      const { caller, callee } = call
      const invite = alice.says('INVITE', { callId: caller.id }).last
      const offered = bob.hears('INVITE', { callId: callee.id }).first
      const given = bob.says(200, { callId: callee.id, to: 'INVITE' }).last
      const answer = alice.hears(200, { callId: caller.id, to: 'INVITE' }).last
      const [sent, came, agreed, told] = [invite, offered, given, answer].map(expiresOf)
      if (wasProxied(invite, offered)) {
        const isKept =
          came === undefined ||
          (came.refresher === sent?.refresher && (sent === undefined || came.seconds <= sent.seconds))
        if (came !== undefined) expect('asked', isKept ? 'as allowed' : came.text, { seen: offered }).toBe('as allowed')
        if (agreed !== undefined) expect('told', told?.text ?? 'none', { seen: answer }).toBe(agreed.text)
      }
      const intervalS = Math.max(caller.timer?.intervalS ?? 0, callee.timer?.intervalS ?? 0)
      if (ofCaller && ofCallee && intervalS === 0)
        unsupported('the target agrees to no session timer, and keeps the devices from agreeing to one')
      if (intervalS > LONGEST_S)
        inconclusive(`session intervals are ${intervalS} s at least: so long is not waited for`)

      const forMs = INTERVALS * Math.max(intervalS, LEAST_S) * 1000
      const { stayed, lastedS } = await talksNowAndThen(call, { forMs }, { clock, waits, within })
      if (!stayed) figure('after', lastedS < 120 ? `${lastedS} s` : `${Math.round(lastedS / 60)} minutes`)
      const refreshes = [caller, callee].flatMap(({ timer }) => timer?.refreshes ?? [])
      const failed = refreshes.filter(({ status }) => status === undefined || status >= 300)
      if (refreshes.length > 0) {
        expect(
          'refreshed',
          failed.map(({ method, status }) => `${method}: ${status ?? 'no answer'}`),
        ).toBeEmpty('2xx to each')
      }
      expect('stays', stayed ? 'up' : `ended after ${lastedS} s`).toBe('up')
      await within(caller.hangUp({ impatient: true }), 4_000)
    },
  }),
)

interface Expires {
  readonly text: string
  readonly seconds: number
  readonly refresher: string | undefined
}

/** Session-Expires of a message, in one spelling. */
function expiresOf(seen: SipSighting | undefined): Expires | undefined {
  const value = seen?.message.headers.get('Session-Expires')
  if (value === undefined) return undefined
  const refresher = /refresher\s*=\s*(uac|uas)/i.exec(value)?.[1]?.toLowerCase()
  const seconds = Number.parseInt(value, 10)
  return { seconds, refresher, text: `${seconds}${refresher === undefined ? '' : `;refresher=${refresher}`}` }
}
