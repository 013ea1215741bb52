import { EventReceiver, isFault, parseRtp, PatternListener, precondition, promised, scenario } from 'ringproof'

const THINGS = ['number', 'name', 'key', 'audio', 'digits'] as const
type Thing = (typeof THINGS)[number]

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
    signalling: promised('BH-5', 'with TLS alone, numbers, names and keys cannot be read', {
      gravity: 'exposure',
      harm: 'Calls on TLS reveal their signalling on the network: {readOnTls|part of it}.',
    }),
  },
  // One account a side: the devices register one after the other.
  devices: {
    onUdp: { transport: 'udp' },
    onTcp: { transport: 'tcp', sharesAccountOf: 'onUdp' },
    onTls: { transport: 'tls', sharesAccountOf: 'onUdp' },
    onBoth: { transport: 'tls', srtp: true, sharesAccountOf: 'onUdp' },
    toUdp: { transport: 'udp' },
    toTcp: { transport: 'tcp', sharesAccountOf: 'toUdp' },
    toTls: { transport: 'tls', sharesAccountOf: 'toUdp' },
    toBoth: { transport: 'tls', srtp: true, sharesAccountOf: 'toUdp' },
  },
  needs: ['srtp'],
  reliesOn: 'audio',
  families: ['ipv4', 'ipv6'],
  seconds: 32,
  harm: 'Whoever shares a network with customers (hotel, company, carrier) can read parts of their calls.',
  advice:
    'See the table: only TLS together with SRTP protects a call, and "read" in its last row is a defect. Look at the leg of the call that carries it; rtpengine: transport protocol RTP/SAVP on both legs.',
  async run({
    onUdp,
    onTcp,
    onTls,
    onBoth,
    toUdp,
    toTcp,
    toTls,
    toBoth,
    record,
    clock,
    expect,
    within,
    shows,
    waits,
    figure,
  }) {
    const rows: { title: string; read: Set<Thing> }[] = []
    for (const [title, caller, callee] of [
      ['UDP', onUdp, toUdp],
      ['TCP', onTcp, toTcp],
      ['TLS', onTls, toTls],
      ['TLS and SRTP', onBoth, toBoth],
    ] as const) {
      await caller.registers()
      await callee.registers()
      // It takes what it is offered, so that the call is set up even if the way to it is not protected.
      callee.answers({ media: (wish) => callee.opensMedia({ srtpRequired: false }, wish) })
      const since = clock.now()
      const call = await caller.calls(callee, { from: `"Ada Lovelace" <${caller.aor}>` })
      await waits(1_800)
      precondition(call.caller.media?.negotiated?.dtmf, 'telephone-events were not agreed on', 'feature-lacking')
      await call.caller.sendDigits('4711')
      await waits(300)
      // Audio that did not arrive cannot be judged.
      const silent = [call.caller, call.callee].some(({ media }) => !media || media.report().received.packets === 0)
      precondition(!silent, `the devices did not hear each other over ${title}`, 'no-audio')
      await within(call.caller.hangUp(), 4_000)
      const read = new Set<Thing>()
      for (const device of [caller, callee]) {
        const wire = record.wire.filter(
          (one) => one.device === device.name && one.at >= since && one.transport !== 'tls',
        )
        const text = wire
          .flatMap((one) => (one.packet === 'sip' ? [one.data?.toString('latin1') ?? ''] : []))
          .join('\n')
        if (text.includes(callee.number) || text.includes(`sip:${caller.account.user}@`)) read.add('number')
        if (text.includes('Ada Lovelace')) read.add('name')
        if (text.includes('inline:')) read.add('key')
        // One ear for each stream: two voices at once are hard to tell apart.
        const ears = new Map<number, PatternListener>()
        const events = new EventReceiver()
        for (const { data, at, packet } of wire) {
          const rtp = packet === 'rtp' && data ? parseRtp(data) : undefined
          if (!rtp || isFault(rtp)) continue
          const ear = ears.get(rtp.ssrc) ?? new PatternListener()
          ears.set(rtp.ssrc, ear)
          if (rtp.payloadType === 8 || rtp.payloadType === 0)
            ear.push(rtp.payload, rtp.payloadType === 8 ? 'PCMA' : 'PCMU', rtp.timestamp, at)
          else events.push(rtp.payload, rtp.timestamp, rtp.marker, at)
        }
        const voices = [caller, callee].flatMap((one) => one.mediaSessions.map((session) => session.patternId))
        const heard = [...ears.values()].flatMap((ear) => ear.heard())
        if (heard.some(({ id }) => voices.includes(id))) read.add('audio')
        if (events.digits.includes('4711')) read.add('digits')
      }
      rows.push({ title, read })
    }
    shows({
      kind: 'table',
      title: 'What an eavesdropper reads',
      columns: ['call over', ...THINGS],
      rows: rows.map(({ title, read }) => [title, ...THINGS.map((thing) => (read.has(thing) ? 'read' : 'hidden'))]),
    })
    const [, , tls = [], both = []] = rows.map(({ read }) => THINGS.filter((thing) => read.has(thing)))
    if (both.length > 0) figure('read', both.join(', '))
    expect('nothing', both).toBeEmpty()
    const signalling = tls.filter((thing) => thing !== 'audio' && thing !== 'digits')
    if (signalling.length > 0) figure('readOnTls', signalling.join(', '))
    expect('signalling', signalling).toBeEmpty()
  },
})
