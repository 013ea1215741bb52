import { encryptedEcho, keyOctets, must, precondition, scenario, whereReached } from 'ringproof'

/** A suite that works is heard as soon as the usual one; so much later (ms) it is silent. */
const LATER_MS = 2_000
/** No further suite is tried after this, ms: a welcome message of the echo test makes each call a long one. */
const TIME_MS = 24_000

/** Beyond the first of the target file, which every other story uses; strong ones first. */
const SUITES = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const

export default scenario({
  id: 'srtp/suites',
  title: 'Of the SRTP suites that telephones offer, each one that is accepted works',
  area: 'srtp',
  purposes: ['SD-SUITES'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    tag: must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', {
      gravity: 'outage',
      cause: 'crypto-answer-wrong',
      follows: ['encryption-dropped'],
      harm: 'Telephones that offer {suite|another suite} get an answer with another tag or suite, and no audio.',
    }),
    key: whereReached(
      must('RFC 4568 §6.1', 'the key of the answer has the length that its suite wants', {
        gravity: 'outage',
        follows: ['crypto-answer-wrong'],
        harm: 'Calls of telephones that offer {suite|a strong suite} fail: the answer carries a key of the wrong length.',
      }),
    ),
    heard: whereReached(
      must('RFC 3711 §3.3', 'with every suite that is accepted the echo arrives and can be decrypted', {
        gravity: 'outage',
        follows: ['crypto-answer-wrong'],
        harm: 'Encrypted calls of telephones that offer {silent|a strong suite} are silent: it is accepted, and does not work.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  step: 'talk',
  transports: ['tls'],
  families: ['ipv4'],
  seconds: 36,
  harm: 'Telephones with newer or stronger SRTP suites have silent calls, while others have none.',
  advice:
    'Compare length of key and tag of the suite with RFC 4568 §6.2, RFC 6188 §4 and RFC 7714 §12. A suite that does not work is better taken out of the list of what is accepted (rtpengine: SDES-no-NAME; Asterisk: res_srtp and the libsrtp it is built with).',
  async run({ alice, target, expect, shows, figure, now, ...tools }) {
    await alice.registers()
    const usual = target.document.media.srtp[0]
    const plain = await encryptedEcho(tools, alice, (audio) => audio.keyLine(10, usual))
    precondition(plain.heard, `with ${usual} ${plain.words} came back from the echo test`, 'no-audio')
    expect('tag', `${plain.line?.tag} ${plain.line?.suite}`).toBe(`10 ${usual}`)
    const wrong: string[] = []
    const silent: string[] = []
    const rows: string[][] = [[usual ?? '', 'works']]
    for (const [index, suite] of SUITES.filter((one) => one !== usual).entries()) {
      const tag = 11 + index
      const tell = (how: string) => rows.push([suite, how])
      if (now() > TIME_MS) {
        tell('not tried: no time was left')
        continue
      }
      const { outcome, line, heard, words } = await encryptedEcho(
        tools,
        alice,
        (audio) => audio.keyLine(tag, suite),
        plain.spokeMs + LATER_MS,
      )
      if (outcome.kind === 'refused') {
        tell(`not accepted (${outcome.status})`)
        continue
      }
      const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
      const answered = `${line?.tag} ${line?.suite}`
      if (answered !== `${tag} ${suite}`) figure('suite', noted(wrong, suite))
      if (!expect('tag', answered, { seen }).toBe(`${tag} ${suite}`)) {
        tell('answered with another line')
        continue
      }
      const length = line?.faults.find(({ code }) => code === 'crypto-key-length')
      const wanted = `${keyOctets(suite)} octets`
      if (length !== undefined) figure('suite', noted(wrong, suite))
      if (!expect('key', length?.actual ?? wanted, { seen }).toBe(wanted)) {
        tell(`answered with a key of ${length?.actual}`)
        continue
      }
      if (!heard) figure('silent', noted(silent, suite))
      expect('heard', `${suite}: ${words}`).toSatisfy('its own voice', () => heard)
      tell(heard ? 'works' : `accepted, but ${words} came back`)
    }
    shows({ kind: 'table', title: 'SRTP suites', columns: ['suite', 'offered alone'], rows })
  },
})

/** All that were noted so far, in words. */
function noted(names: string[], name: string): string {
  names.push(name)
  return names.join(' or ')
}
