import { type Device, owed, precondition, type RegisterOutcome, scenario } from 'ringproof'

/** Milliseconds after the restart within which every telephone must be back. */
const PATIENCE_MS = 30_000
/** Seconds that a telephone waits where the server does not say how long: the least of RFC 5626 §4.5. */
const PAUSE_S = 15

export default scenario({
  id: 'registrar/comes-back',
  title: 'After a restart of the servers all telephones come back at once, and can be called',
  area: 'registrar',
  purposes: ['REBOOT'],
  needs: ['restart'],
  rules: {
    letIn: owed(
      'RFC 3261 §10.3',
      'after a restart of the servers a telephone renews its registration with the Call-ID, CSeq number and nonce that it has',
      {
        gravity: 'outage',
        cause: 'not-back-after-restart',
        follows: ['registration-refused'],
        harm: "After a restart of the provider's servers telephones stay unreachable until somebody restarts them, or for long: they are refused when they register again ({refused|as they were}).",
      },
    ),
    reached: owed('RFC 3261 §10.3', 'a telephone that has registered again after a restart of the servers is called', {
      gravity: 'outage',
      cause: 'not-back-after-restart',
      // A connection that is lost by a keep-alive is not that of the restart.
      follows: ['empty-lines-rejected'],
      harm: "After a restart of the provider's servers telephones stay unreachable until their connection is made anew: they have registered again, and calls do not arrive.",
    }),
  },
  devices: { alice: {}, bob: {}, carol: {}, dave: {}, erin: {}, frank: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 40,
  reliesOn: 'call',
  step: 'register',
  harm: "After a restart of the provider's servers telephones stay unreachable.",
  advice:
    'Telephones come back with what they know from before. Challenge a nonce that is not known anew (401, never 403), take a Call-ID and CSeq number that are not known as a first registration, call telephones where their last REGISTER came from, and let the registrar bear that all register within a second.',
  async run({ alice, bob, carol, dave, erin, frank, expect, figure, restartsTarget, note, now, waits, within }) {
    const all = [alice, bob, carol, dave, erin, frank]
    for (const device of all) {
      device.rejects(486)
      // Each comes back when the story says so, and none before the servers answer again.
      device.stopsRefreshing()
    }
    await Promise.all(all.map((device) => device.registers()))
    const before = await missedBy(all, within)
    precondition(before.length === 0, `${before.join(', ')} could not be called before the restart`, 'call-not-arrived')

    await restartsTarget()
    // Until the end of each connection has arrived, too: what is sent on it before is lost.
    await waits(200)
    const until = now() + PATIENCE_MS
    const comesBack = async (device: Device): Promise<Return> => {
      for (;;) {
        const outcome = await within(device.asksToRegister(), until - now())
        if (outcome?.ok) return { device, is: 'back' }
        const { exchange, status } = outcome ?? { status: 'nothing' }
        const asked = Number.parseInt(exchange?.final?.headers.get('Retry-After') ?? '', 10)
        const pauseMs = 1_000 * (asked > 0 ? asked : PAUSE_S)
        if (!mayTryAgain(outcome)) return { device, is: 'refused', status }
        if (now() + pauseMs >= until) return { device, is: asked > 0 ? 'put off' : 'refused', status }
        note(`${device.name} tries again after ${pauseMs / 1_000} s`)
        await waits(pauseMs)
      }
    }
    const returns = await Promise.all(all.map((device) => comesBack(device)))
    const refused = returns.filter((one) => one.is === 'refused')
    figure('refused', [...new Set(refused.map(({ status }) => `${status}`))].join(', '))
    const seen = (refused[0]?.device ?? alice).hears(undefined, { to: 'REGISTER' }).last
    if (
      !expect(
        'letIn',
        refused.map(({ device, status }) => `${device.name}: ${status}`),
        { seen },
      ).toBeEmpty('all are registered again')
    )
      return
    const putOff = returns.filter(({ is }) => is === 'put off').length
    precondition(putOff === 0, `${putOff} telephones were asked to come back later than in ${PATIENCE_MS / 1_000} s`)

    expect('reached', await missedBy(all, within), { seen: alice.says('INVITE').last }).toBeEmpty('all are called')
  },
})

interface Return {
  readonly device: Device
  readonly is: 'back' | 'refused' | 'put off'
  /** What came last. */
  readonly status?: number | string
}

/** What passes (RFC 3261 §10.2.7, §21.5, RFC 5626 §4.5): no answer, no connection, a server that says that it cannot now. */
const mayTryAgain = (outcome: RegisterOutcome | undefined): boolean =>
  outcome === undefined || outcome.status === 408 || (outcome.status >= 500 && outcome.status < 600)

/** Each calls the next one, all at once: the names of those that no call reaches. */
async function missedBy(
  all: readonly Device[],
  within: <T>(promise: Promise<T>, ms: number) => Promise<T | undefined>,
): Promise<string[]> {
  const tried = await Promise.all(
    all.map(async (callee, index) => {
      const caller = all.at(index - 1) ?? callee
      const { call, arrived } = await caller.tries(callee)
      if (call.state !== 'ended') await within(call.ended, 2_000)
      return arrived === undefined ? [callee.name] : []
    }),
  )
  return tried.flat()
}
