import { isServed, loginTaken, must, precondition, promised, scenario, hearsSpeech, whereReached } from 'ringproof'

/** An announcement is recognised within so long (ms) of the answer; some follow it after a moment. */
const SPEAKS_MS = 3_000

export default [
  scenario({
    id: 'services/star-spellings',
    title: 'A code is understood with * and with %2A',
    area: 'services',
    purposes: ['SC-6'],
    provider: ['SC-6'],
    rules: {
      star: promised('SC-6', 'a code with * is understood', {
        gravity: 'harm',
        cause: 'service-not-reachable',
        harm: 'Service codes are rejected, dialled with * as most telephones send it.',
      }),
      escaped: whereReached(
        must('RFC 3261 §19.1.4', '%2A in a dialled code is the same as *', {
          gravity: 'harm',
          cause: 'escapes-not-read',
        }),
      ),
    },
    devices: { alice: {} },
    needs: ['codes:credit'],
    seconds: 16,
    harm: 'Service codes do not work on telephones that send * as %2A.',
    advice:
      'Look at how the dial plan reads the user part of the Request-URI: escapes (%2A, %23) must be decoded before it is compared.',
    async run({ alice, services, expect, within, clock }) {
      await alice.registers()
      const code = services.codes.credit ?? ''
      const hears = async (spelled: string) => {
        const since = clock.now()
        const call = await alice.invites(spelled)
        const final = await within(call.answered, 6_000)
        loginTaken(final)
        const status = call.final?.status
        // Where the answer is a 2xx it counts alone.
        const isTaken = status !== undefined && status < 300
        const heard = isTaken ? undefined : await hearsSpeech(alice, clock, { withinMs: SPEAKS_MS, sinceMs: since })
        await within(call.hangUp(), 4_000)
        return isServed(call.final?.status, heard?.instead === false)
      }
      const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
      if (!expect('star', await hears(code), { seen: seen() }).toBeTrue('the code is answered')) return
      expect('escaped', await hears(code.replaceAll('*', '%2A')), { seen: seen() }).toBeTrue('the code is answered')
    },
  }),
  scenario({
    id: 'services/hash-spellings',
    title: 'A code with # is understood as %23, beside * and beside %2A',
    area: 'services',
    purposes: ['SC-17'],
    provider: ['SC-17'],
    rules: {
      hash: promised('SC-17', 'a code with # is understood as %23', {
        gravity: 'harm',
        cause: 'service-not-reachable',
        harm: 'Service codes with # are rejected.',
      }),
      both: whereReached(
        must('RFC 3261 §19.1.4', '%2A beside %23 in a dialled code is the same as *', {
          gravity: 'harm',
          cause: 'escapes-not-read',
        }),
      ),
    },
    devices: { alice: {} },
    needs: ['codes:wakeUpQuery'],
    seconds: 16,
    harm: 'Service codes with # do not work on telephones that send * as %2A.',
    advice:
      'Look at how the dial plan reads the user part of the Request-URI: escapes (%2A, %23) must be decoded before it is compared.',
    async run({ alice, services, expect, within }) {
      await alice.registers()
      const code = (services.codes.wakeUpQuery ?? '').replaceAll('#', '%23')
      const isAnswered = async (spelled: string) => {
        const call = await alice.invites(spelled)
        const final = await within(call.answered, 6_000)
        precondition(final, 'the call got no final response', 'no-answer')
        loginTaken(final)
        await within(call.hangUp(), 4_000)
        return final.status
      }
      const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
      const taken = (status: number) => status < 300
      if (!expect('hash', await isAnswered(code), { seen: seen() }).toSatisfy('a 2xx', taken)) return
      expect('both', await isAnswered(code.replaceAll('*', '%2A')), { seen: seen() }).toSatisfy('a 2xx', taken)
    },
  }),
]
