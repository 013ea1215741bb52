import { Eavesdropper, type EstablishedCall, precondition, promised, scenario } from 'ringproof'

const THINGS = ['number', 'name', 'log-in', 'key', 'audio', 'digits'] as const
type Thing = (typeof THINGS)[number]
interface Row {
  readonly title: string
  /** Undefined: such a call is not to be had. */
  readonly read: ReadonlySet<Thing> | undefined
  /** Audio was encrypted, and decrypted with a key that was read. */
  readonly decrypted: boolean
}

export default scenario({
  id: 'srtp/leak',
  title: 'An eavesdropper reads nothing of a call on TLS with SRTP',
  area: 'srtp',
  purposes: ['LEAK'],
  provider: ['BH-5', 'BH-6', 'BH-7'],
  rules: {
    nothing: promised('BH-7', 'with TLS and SRTP nothing of a call can be read, on either side', {
      gravity: 'exposure',
      cause: 'encryption-dropped',
      harm: 'Calls on TLS with SRTP can be read on the network: {read|part of them}.',
    }),
    signalling: promised('BH-5', 'with TLS alone, numbers, names, log-in and keys cannot be read', {
      gravity: 'exposure',
      harm: 'Calls on TLS reveal their signalling on the network: {readOnTls|part of it}.',
    }),
  },
  // One account a side: the devices register one after the other.
  devices: {
    onUdp: { transport: 'udp' },
    onTcp: { transport: 'tcp', sharesAccountOf: 'onUdp' },
    onTls: { transport: 'tls', sharesAccountOf: 'onUdp' },
    onSrtp: { transport: 'udp', srtp: true, sharesAccountOf: 'onUdp' },
    onBoth: { transport: 'tls', srtp: true, sharesAccountOf: 'onUdp' },
    toUdp: { transport: 'udp' },
    toTcp: { transport: 'tcp', sharesAccountOf: 'toUdp' },
    toTls: { transport: 'tls', sharesAccountOf: 'toUdp' },
    toSrtp: { transport: 'udp', srtp: true, sharesAccountOf: 'toUdp' },
    toBoth: { transport: 'tls', srtp: true, sharesAccountOf: 'toUdp' },
  },
  needs: ['srtp'],
  reliesOn: 'audio',
  families: ['ipv4', 'ipv6'],
  seconds: 38,
  harm: 'Whoever shares a network with customers (hotel, company, carrier) can read parts of their calls.',
  advice:
    'See the table: SRTP without TLS protects nothing, since its key is read beside it; only TLS together with SRTP protects a call, and "read" in its last row is a defect. Look at the leg of the call that carries it; rtpengine: transport protocol RTP/SAVP on both legs.',
  async run(stage) {
    const { onUdp, onTcp, onTls, onSrtp, onBoth, toUdp, toTcp, toTls, toSrtp, toBoth } = stage
    const { record, clock, expect, within, shows, waits, figure } = stage
    const rows: Row[] = []
    for (const [title, caller, callee] of [
      ['UDP', onUdp, toUdp],
      ['TCP', onTcp, toTcp],
      ['UDP with SRTP', onSrtp, toSrtp],
      ['TLS', onTls, toTls],
      ['TLS and SRTP', onBoth, toBoth],
    ] as const) {
      const since = clock.now()
      await caller.registers()
      await callee.registers()
      // It takes what it is offered, so that the call is set up even if the way to it is not protected.
      callee.answers({ media: (wish) => callee.opensMedia({ srtpRequired: false }, wish) })
      const from = `"Ada Lovelace" <${caller.aor}>`
      let call: Pick<EstablishedCall, 'caller' | 'callee'> | undefined
      if (caller === onSrtp) {
        // RFC 4568 §8.3: who sends no keys over UDP refuses such a call, and does better than who takes it.
        const tried = await caller.invites(callee, { from })
        const final = await within(tried.answered, 8_000)
        const arrived = await callee.nextCall(1_000)
        const isSrtp = final !== undefined && final.status < 300 && tried.media?.negotiated?.crypto !== undefined
        if (isSrtp && arrived !== undefined) call = { caller: tried, callee: arrived }
        else await within(tried.hangUp(), 4_000)
      } else {
        call = await caller.calls(callee, { from })
      }
      if (call === undefined) {
        rows.push({ title, read: undefined, decrypted: false })
        continue
      }
      await waits(1_800)
      precondition(call.caller.media?.negotiated?.dtmf, 'telephone-events were not agreed on', 'feature-lacking')
      await call.caller.sendDigits('4711')
      await waits(300)
      // Audio that did not arrive cannot be judged.
      const silent = [call.caller, call.callee].some(({ media }) => !media || media.report().received.packets === 0)
      precondition(!silent, `the devices did not hear each other over ${title}`, 'no-audio')
      await within(call.caller.hangUp(), 4_000)
      const read = new Set<Thing>()
      let decrypted = false
      for (const device of [caller, callee]) {
        const ear = new Eavesdropper(record.wire.filter((one) => one.device === device.name && one.at >= since))
        const voices = [caller, callee].flatMap((one) => one.mediaSessions.map((session) => session.patternId))
        if (ear.text.includes(callee.number) || ear.text.includes(`sip:${caller.account.user}@`)) read.add('number')
        if (ear.text.includes('Ada Lovelace')) read.add('name')
        if (/^(?:Proxy-)?Authorization:.*response=/im.test(ear.text)) read.add('log-in')
        if (ear.keys > 0) read.add('key')
        if (ear.voices.some((id) => voices.includes(id))) read.add('audio')
        if (ear.digits.some((digits) => digits.includes('4711'))) read.add('digits')
        decrypted ||= ear.decrypted
      }
      rows.push({ title, read, decrypted })
    }
    shows({
      kind: 'table',
      title: 'What an eavesdropper reads',
      columns: ['call over', ...THINGS],
      rows: rows.map(({ title, read, decrypted }) => [
        title,
        ...THINGS.map((thing) => {
          if (read === undefined) return 'no such call'
          if (!read.has(thing)) return 'hidden'
          const isMedia = thing === 'audio' || thing === 'digits'
          return isMedia && decrypted ? 'read, decrypted with the key' : 'read'
        }),
      ]),
    })
    const readOn = (title: string) =>
      THINGS.filter((thing) => rows.find((row) => row.title === title)?.read?.has(thing))
    const both = readOn('TLS and SRTP')
    if (both.length > 0) figure('read', both.join(', '))
    expect('nothing', both).toBeEmpty()
    const signalling = readOn('TLS').filter((thing) => thing !== 'audio' && thing !== 'digits')
    if (signalling.length > 0) figure('readOnTls', signalling.join(', '))
    expect('signalling', signalling).toBeEmpty()
  },
})
