import {
  type Device,
  formatEndpoint,
  notApplicable,
  owed,
  precondition,
  scenario,
  serversOf,
  whereReached,
} from 'ringproof'

const ANSWERS_MS = 10_000
const QUESTION_MS = 5_000
/** Servers that tell each other by a database do so a moment later: it is called again after these times. */
const PATIENCE_MS = [0, 2_000, 4_000]

export default scenario({
  id: 'dns/server-lost',
  title: 'When a server is lost, telephones register with the next one that DNS names, and are called',
  area: 'dns',
  purposes: ['DNS-LOST'],
  provider: ['EP-8'],
  rules: {
    letIn: owed(
      'RFC 3263 §4.3',
      'a telephone whose server is lost registers with the next one, as it would have with the first',
      {
        gravity: 'outage',
        cause: 'loss-not-survived',
        follows: ['second-host-refuses'],
        harm: 'When the first server is lost, telephones cannot register with the second ({refused|they are refused}): nobody can call or be called.',
      },
    ),
    reached: whereReached(
      owed('RFC 3263 §4.3', 'telephones that have gone over to the next server are called', {
        gravity: 'outage',
        cause: 'loss-not-survived',
        harm: 'When the first server is lost, telephones that have registered with the second cannot be called.',
      }),
    ),
    together: whereReached(
      owed(
        'RFC 3263 §4.3',
        'once the server is back, telephones at it reach those that are still registered with the other',
        {
          gravity: 'outage',
          cause: 'loss-not-survived',
          follows: ['hosts-share-no-bindings'],
          harm: 'When the first server is back, telephones that have gone over to the second cannot be called from it until they register again.',
        },
      ),
    ),
  },
  devices: { alice: {}, bob: {}, carol: {} },
  needs: ['dns', 'server-loss'],
  transports: ['udp'],
  families: ['ipv4'],
  seconds: 40,
  reliesOn: 'call',
  step: 'register',
  harm: 'The loss of one server takes the service from telephones, though DNS names another.',
  advice:
    'Let the second server know accounts, nonces and bindings, or challenge anew what it does not know (401, never 403). Try the loss of a server, and its return, before it happens.',
  async run({ alice, bob, carol, target, random, expect, figure, losesServer, waits, within }) {
    const [first = alice.hop, ...others] = await serversOf(alice, { target, random })
    const elsewhere = others.filter(({ remote }) => remote.address !== first.remote.address)
    if (elsewhere.length === 0) notApplicable(`DNS names one server for udp over ipv4: ${formatEndpoint(first.remote)}`)
    for (const device of [alice, bob, carol]) {
      device.rejects(486)
      // Each goes over when the story says so.
      device.stopsRefreshing()
      await device.registers()
    }
    for (const device of [alice, bob])
      precondition((await carol.tries(device)).arrived, 'a call before the loss did not arrive', 'call-not-arrived')

    // A telephone tries one after the other: those that never answer are for dns/dead-records to tell.
    const answers: boolean[] = []
    for (const one of elsewhere) {
      bob.goesTo(one)
      const question = await within(bob.asksRegistrar(), QUESTION_MS)
      answers.push(question?.final !== undefined)
    }
    const second = elsewhere.find((_, index) => answers[index])
    precondition(second, 'of the other servers that DNS names none answers', 'no-answer')

    const server = await losesServer(first.remote.address)
    const question = alice.composes('OPTIONS', `sip:${target.domain('udp')}`, { callId: random.token(24) })
    precondition(
      (await alice.asks(question, undefined, 1_300)) === undefined,
      'the server that was to be lost still answers',
    )
    const refused: string[] = []
    for (const device of [alice, bob]) {
      device.goesTo(second)
      const outcome = await within(device.asksToRegister(), ANSWERS_MS)
      if (!outcome?.ok) refused.push(outcome?.exchange.final ? `${outcome.status}` : 'no answer')
    }
    figure('refused', [...new Set(refused)].join(', '))
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    if (!expect('letIn', refused, { seen }).toBeEmpty('all are let in')) return

    const missed = async (caller: Device, callee: Device): Promise<string[]> => {
      let last = ''
      for (const ms of PATIENCE_MS) {
        await waits(ms)
        const { call, arrived } = await caller.tries(callee)
        if (arrived) return []
        last = `${callee.name}: ${call.final?.status ?? 'no answer'}`
      }
      return [last]
    }
    const reached = [...(await missed(alice, bob)), ...(await missed(bob, alice))]
    if (
      !expect('reached', reached, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBeEmpty('both are called')
    )
      return

    await server.returns()
    await waits(500)
    const back = await within(carol.asksToRegister(), ANSWERS_MS)
    precondition(back?.ok, 'the server that had been lost takes nobody in', 'login-refused')
    expect('together', await missed(carol, alice), { seen: carol.hears(undefined, { to: 'INVITE' }).last }).toBeEmpty(
      'they are called',
    )
  },
})
