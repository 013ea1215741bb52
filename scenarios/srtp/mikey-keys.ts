import { finding, mikeyEcho, must, owed, scenario, unsupported, whereReached } from 'ringproof'

const SILENT = 'Encrypted calls of devices that offer MIKEY are silent, or end as soon as they are answered'

const rules = {
  honest: must('RFC 4567 §4.1.1', 'an offer of MIKEY is accepted as SRTP or refused, never answered as plain RTP', {
    gravity: 'harm',
    cause: 'answered-unprotected',
    harm: `${SILENT}: their offer is answered as plain RTP.`,
  }),
  keyed: whereReached(
    must('RFC 4567 §4.1.1', 'an answer that accepts MIKEY carries the message that was asked for', {
      gravity: 'harm',
      follows: ['dtls-not-begun'],
      cause: 'answered-without-key',
      harm: `${SILENT}: the answer accepts encryption and has no message of MIKEY that confirms the key.`,
    }),
  ),
  fits: whereReached(
    must('RFC 3830 §5.2', 'the verification message belongs to the offer, and proves that the key is known', {
      gravity: 'outage',
      follows: ['dtls-not-begun'],
      cause: 'mikey-answer-wrong',
      harm: `${SILENT}: the answer's message of MIKEY does not fit the offer.`,
    }),
  ),
  heard: whereReached(
    owed('RFC 3830 §4.1.3', 'with the keys of MIKEY the echo arrives and can be decrypted', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['audio-altered', 'mikey-answer-wrong', 'key-reused'],
      harm: 'Encrypted calls are silent: MIKEY is answered, and no audio comes that its keys decrypt.',
    }),
  ),
}

const common = {
  area: 'srtp',
  devices: { alice: { audio: false } },
  families: ['ipv4'],
  advice:
    'Compare the message in a=key-mgmt with RFC 3830 §3.1, and the keys of both directions with §4.1.3 and RFC 4567 §7.1 (streams 1 and 2). Where MIKEY is not supported, 488 is the right answer.',
} as const

/** Keys that are not encrypted go over TLS alone (RFC 3830 §4.2.3); a pre-shared key protects them anywhere. */
const MODES = [
  { id: 'srtp/mikey-null', mode: 'without a pre-shared key', needs: ['echo', 'srtp'], transports: ['tls'] },
  {
    id: 'srtp/mikey-pre-shared',
    mode: 'with the pre-shared key',
    needs: ['echo', 'srtp', 'mikey-key'],
    transports: ['udp', 'tls'],
  },
] as const

export default [
  ...MODES.map(({ id, mode, needs, transports }) =>
    scenario({
      ...common,
      id,
      title: `MIKEY ${mode}: the answer fits the offer, and both sides hear each other by its keys`,
      purposes: ['MIKEY-KEYS'],
      provider: ['BH-8'],
      rules,
      needs: [...needs],
      step: 'talk',
      transports: [...transports],
      seconds: 16,
      harm: 'Encrypted calls of devices that offer MIKEY are silent.',
      async run({ alice, target, expect, ...tools }) {
        await alice.registers()
        const isNull = id === 'srtp/mikey-null'
        const echo = await mikeyEcho(tools, alice, isNull ? undefined : target.document.media.mikeyKey)
        const { outcome, answered, keyed, wrong, heard, words } = echo
        const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
        if (!expect('honest', answered, { seen }).toBeOneOf(['refused', 'RTP/SAVP'])) return
        if (answered === 'refused') unsupported(`MIKEY ${mode} is refused (${outcome.status})`)
        if (!expect('keyed', keyed ? 'a=key-mgmt:mikey' : 'no message', { seen }).toBe('a=key-mgmt:mikey')) return
        expect('fits', wrong ?? 'fits', { seen }).toBe('fits')
        expect('heard', words).toSatisfy('its own voice', () => heard)
      },
    }),
  ),
  scenario({
    ...common,
    id: 'srtp/mikey-in-clear',
    title: 'A key that MIKEY sends in clear text is not taken over UDP or TCP',
    purposes: ['SD-PLAIN'],
    provider: ['BH-6'],
    rules: {
      refused: finding('BH-6', 'MIKEY whose key is not encrypted is not accepted over UDP or TCP', {
        gravity: 'exposure',
        cause: 'keys-in-clear',
      }),
    },
    needs: ['echo', 'srtp'],
    transports: ['udp', 'tcp'],
    seconds: 16,
    harm: 'Calls that look encrypted can be listened to: the key of MIKEY is sent over unencrypted signalling.',
    advice: 'Refuse MIKEY with NULL encryption unless the call comes over TLS (RFC 3830 §4.2.3).',
    async run({ alice, expect, ...tools }) {
      await alice.registers()
      const { outcome, answered, heard } = await mikeyEcho(tools, alice, undefined)
      const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
      // Who answers and cannot use the key has not taken it: that is the business of srtp/mikey-null.
      const taken = answered === 'RTP/SAVP' && heard
      expect('refused', taken ? `taken over ${alice.variant.transport.toUpperCase()}` : 'not taken', { seen }).toBe(
        'not taken',
      )
    },
  }),
]
