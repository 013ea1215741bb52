import { audioIsThere, FaxEnd, hearingEachOther, inWords, inconclusive, must, scenario, whereReached } from 'ringproof'

const ANSWERS_MS = 10_000
/** A server that ends the call does so at once. */
const ENDS_MS = 1_500

export default scenario({
  id: 'media/fax-refused',
  title: 'Where fax (T.38) is refused, the call goes on with audio, over which fax machines try again',
  area: 'media',
  purposes: ['FAX'],
  provider: ['BH-4'],
  rules: {
    stays: must('RFC 3261 §14.1', 'a call outlives a change to fax that is refused', {
      gravity: 'harm',
      follows: ['fax-fails'],
      cause: 'fax-ends-call',
      harm: 'Fax fails: a call is cut off when one side offers fax (T.38) and the other does not know it.',
    }),
    heard: whereReached(
      must('RFC 3261 §14.1', 'after a change to fax was refused both sides hear each other as before', {
        gravity: 'harm',
        cause: 'fax-ends-call',
        follows: ['silent-after-change', 'nat-source-ignored', 'fax-fails'],
        harm: 'Fax fails: a call falls silent when fax (T.38) is refused, so that fax machines cannot go on over the audio.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'audio',
  step: 'talk',
  transports: ['udp', 'tls'],
  seconds: 18,
  harm: 'Fax fails where one side does not know T.38.',
  advice:
    'A re-INVITE that is refused leaves the call as it was: neither BYE nor the end of the relay’s session (Kamailio, OpenSIPS: no rtpengine_delete or rtpengine_manage for failed re-INVITEs). Fax then goes over G.711.',
  async run({ alice, bob, expect, clock, waits, within }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    await audioIsThere(caller, callee, clock, 'before the fax')
    const refusing = await FaxEnd.at(alice, caller, clock, 'the caller')
    const offering = await FaxEnd.at(bob, callee, clock, 'the called side')
    refusing.refuses()
    const changed = await within(offering.offers('in place of the audio'), ANSWERS_MS)
    const status = changed?.final?.status ?? 0
    if (status >= 200 && status < 300) inconclusive('the target takes the fax although the other end refuses it')
    await waits(ENDS_MS)
    const byes = [alice.hears('BYE', { callId: caller.id }).first, bob.hears('BYE', { callId: callee.id }).first]
    const bye = byes.find((seen) => seen !== undefined)
    const refusal = bob.hears(undefined, { to: 'INVITE', callId: callee.id }).last
    // After 481, 408 or no response a device gives the call up (RFC 3261 §12.2.1.2).
    const lost = status === 0 || status === 408 || status === 481
    const words = bye
      ? 'a BYE'
      : lost
        ? `${status === 0 ? 'no final response' : status}, which ends a call`
        : `${status}`
    if (expect('stays', words, { seen: bye ?? refusal }).toSatisfy('a refusal, and no BYE', () => !bye && !lost)) {
      const heard = await hearingEachOther(caller, callee, clock)
      expect('heard', inWords(heard), { seen: refusal }).toSatisfy(
        'each hears the other',
        () => heard.first && heard.second,
      )
    }
    await within(caller.hangUp(), 4_000)
  },
})
