import {
  compareDigits,
  finding,
  precondition,
  pressesByInfo,
  promised,
  scenario,
  toldBack,
  toldInWords,
  unsupported,
  whereReached,
} from 'ringproof'

/** What a server answers that takes no keys by INFO. */
const NOT_OFFERED = [405, 406, 415, 469, 488, 489, 501]

export default scenario({
  id: 'dtmf/info',
  title: 'Keys that a telephone sends by SIP INFO count, once each',
  area: 'dtmf',
  purposes: ['KEY-INFO'],
  provider: ['SC-3'],
  rules: {
    accepted: whereReached(
      promised('SC-3', 'an INFO with a key is accepted, where the target file says that keys may come so', {
        gravity: 'harm',
        harm: 'Keys do not work in menus for telephones that are set to SIP INFO: the key presses are rejected.',
      }),
    ),
    toldBack: whereReached(
      promised('SC-3', 'every key that comes by INFO is understood, where the target file says that keys may come so', {
        gravity: 'harm',
        follows: ['keypad-lost'],
      }),
    ),
    heard: whereReached(
      finding('RFC 6086 §2', 'a key that comes by INFO, and is answered 200, is understood', {
        gravity: 'harm',
        follows: ['keypad-lost'],
      }),
    ),
    once: promised('SC-3', 'a key that comes by INFO counts once', {
      gravity: 'harm',
      follows: ['keypad-doubled'],
      harm: 'Keys do not work in menus for telephones that are set to SIP INFO: one key press counts several times.',
    }),
    both: whereReached(
      finding('RFC 6086 §2', 'a key that comes both by INFO and as a telephone-event counts once', {
        gravity: 'harm',
        follows: ['keypad-doubled', 'keypad-timing'],
        harm: 'Keys do not work in menus for telephones that are set to send them by SIP INFO and RFC 4733 at once: each key press counts twice.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['dtmf-test', 'keys-by-info'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 38,
  harm: 'Keys do not work in menus for telephones that are set to SIP INFO: key presses are confirmed and then ignored.',
  advice:
    'Take keys of INFO (application/dtmf-relay, application/dtmf), or reject it with 415, so that the telephone shows an error. Asterisk: dtmf_mode=auto_info at the endpoint; FreeSWITCH: liberal-dtmf of the profile.',
  async run({ alice, services, clock, expect, note }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated, 'the call has no audio session', 'no-audio')
    const isDeclared = services.dtmf?.keys?.includes('info') === true
    const seen = () => alice.hears(undefined, { to: 'INFO' }).last
    const rounds = [
      { form: 'application/dtmf-relay', keys: '159*0#' },
      { form: 'application/dtmf', keys: '2748' },
    ] as const
    let understood = false
    for (const { form, keys } of rounds) {
      let status: number | undefined
      const press = async () => void (status = await pressesByInfo(call, clock, keys, form))
      const told = await toldBack(alice, clock, { press, count: keys.length })
      precondition(status !== undefined, 'an INFO was not answered', 'no-answer')
      const isTaken = status < 300
      if (!isTaken && understood) {
        note(`INFO with ${form} is answered ${status}`)
        continue
      }
      if (!isTaken && form === 'application/dtmf-relay' && status === 415) continue
      if (isDeclared) expect('accepted', status, { seen: seen() }).toSatisfy('a 2xx', () => isTaken)
      if (!isTaken && NOT_OFFERED.includes(status)) unsupported(`INFO with a key is answered ${status}`)
      precondition(isTaken, `INFO with a key was answered ${status}`)
      if (told === '') {
        const control = await toldBack(alice, clock, {
          press: () => call.sendDigits('7').catch(() => undefined),
          count: 1,
        })
        precondition(control.includes('7'), 'the DTMF test tells back no keys, however they come', 'feature-lacking')
      }
      const { lost, doubled } = compareDigits(keys, told)
      expect(isDeclared ? 'toldBack' : 'heard', toldInWords(told), { seen: seen() }).toSatisfy(keys, () => !lost)
      expect('once', toldInWords(told), { seen: seen() }).toSatisfy('no key twice', () => !doubled)
      understood ||= !lost && !doubled
    }
    if (!understood || media.negotiated.dtmf === undefined) return
    const keys = '83'
    const press = async () => {
      for (const key of keys) await Promise.all([call.sendDigits(key), pressesByInfo(call, clock, key)])
    }
    const told = await toldBack(alice, clock, { press, count: keys.length })
    if (told !== '')
      expect('both', toldInWords(told), { seen: seen() }).toSatisfy(keys, () => !compareDigits(keys, told).doubled)
  },
})
