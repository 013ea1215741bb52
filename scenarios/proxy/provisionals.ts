import { arrivesAt, must, onlyForProxies, onlyWithState, scenario } from 'ringproof'

/** Two ways and a busy server; what callers notice is longer. */
const AT_ONCE_MS = 1_500

export default scenario({
  id: 'proxy/provisionals',
  title: 'Provisional responses of the callee reach the caller, its 100 does not',
  area: 'proxy',
  purposes: ['PRX-1XX'],
  provider: ['BH-1'],
  rules: {
    forwarded: must('RFC 3261 §16.7', 'provisional responses of 101 and more are forwarded', {
      gravity: 'harm',
      cause: 'provisional-lost',
      harm: 'Provisional responses are lost. Callers hear no ringing tone or no announcement before the answer.',
    }),
    atOnce: must('RFC 3261 §16.7', 'provisional responses are forwarded immediately', {
      gravity: 'harm',
      cause: 'provisional-lost',
      harm: 'Provisional responses come late. Callers hear no ringing tone for seconds after the telephone has begun to ring.',
    }),
    no100: must('RFC 3261 §16.7', 'a 100 of the callee is for the next hop only and is not forwarded', {
      gravity: 'letter',
      cause: 'hundred-forwarded',
      harm: 'The 100 of the callee is forwarded to the caller. Telephones ignore it.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 12,
  fitForLoad: true,
  reliesOn: 'call',
  step: 'call',
  harm: 'Provisional responses are not forwarded as they should be.',
  advice: 'Look at which responses the proxy forwards. Asterisk: ignore_183_without_sdp must be off.',
  async run({ alice, bob, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    const { call, incoming } = await arrivesAt(alice, bob)
    const headers = { 'X-Ringproof-From': 'the callee' }
    await incoming.provisional(100, { headers })
    // Each twice: over UDP nobody repeats what is lost.
    for (const status of [180, 182, 183]) {
      await incoming.provisional(status, { headers, sdp: false })
      await waits(100)
      await incoming.provisional(status, { headers, sdp: false })
      await waits(100)
    }
    await incoming.reject(486)
    await within(call.answered, 4_000)
    onlyForProxies(alice.says('INVITE', { callId: call.id }).last, bob.hears('INVITE', { callId: incoming.id }).first)
    const heard = alice.hears('1xx', { callId: call.id, to: 'INVITE' })
    const statuses = [...new Set(heard.status.filter((status) => [180, 182, 183].includes(status)))]
    expect('forwarded', statuses, { seen: heard.last }).toEqual([180, 182, 183])
    // Timed by the first that was sent and the first that came, so that one may be lost.
    const delays = statuses.map((status) => {
      const [sent, came] = [
        bob.says(status, { callId: incoming.id }).first,
        alice.hears(status, { callId: call.id }).first,
      ]
      return sent && came ? Math.round(came.at - sent.at) : 0
    })
    expect('atOnce', Math.max(0, ...delays), { seen: heard.last }).toBeWithin(0, AT_ONCE_MS, 'ms')
    const theirs = alice.hears(100, {
      callId: call.id,
      where: ({ message }) => message.headers.get('X-Ringproof-From') !== undefined,
    })
    if (theirs.count > 0) await onlyWithState(alice, bob, { waits, within })
    expect('no100', theirs.count, { seen: theirs.first }).toBe(0, '100 of the callee at the caller')
  },
})
