import { type Device, loginTaken, precondition, promised, scenario, should } from 'ringproof'

export default scenario({
  id: 'tcp/bytes-per-call',
  title: 'A device may choose UDP, TCP or TLS, and nothing is sent twice on a connection',
  area: 'tcp',
  purposes: ['TX-TCP', 'TR-REUSE'],
  provider: ['BH-3'],
  rules: {
    calls: promised('BH-3', 'calls are made on whichever transport the device chooses', {
      gravity: 'outage',
      follows: ['call-not-delivered', 'stream-not-reused', 'stream-framing', 'certificate-invalid'],
      harm: 'Calls do not work on every transport that is offered.',
    }),
    once: should('RFC 3261 §17.1.2.2', 'on a connection each request is sent once', {
      gravity: 'letter',
      cause: 'repeated-on-streams',
      harm: 'Requests are sent twice on a connection: needless traffic.',
    }),
  },
  devices: {
    udpCaller: { transport: 'udp' },
    udpCallee: { transport: 'udp' },
    tcpCaller: { transport: 'tcp' },
    tcpCallee: { transport: 'tcp' },
    tlsCaller: { transport: 'tls' },
    tlsCallee: { transport: 'tls' },
  },
  seconds: 14,
  step: 'call',
  harm: 'Customers cannot choose the transport of their telephones.',
  advice:
    'Look at the ladder of the transport that failed. The table is for information: bytes of signalling at the caller, from INVITE to the end of BYE.',
  async run({
    udpCaller,
    udpCallee,
    tcpCaller,
    tcpCallee,
    tlsCaller,
    tlsCallee,
    expect,
    record,
    shows,
    waits,
    within,
  }) {
    const rows: { cells: string[] }[] = []
    const failed: string[] = []
    /** About the session, not about the transport. */
    const offers: string[] = []
    const talk = async (caller: Device, callee: Device) => {
      const { transport } = caller.variant
      await caller.registers()
      await callee.registers()
      // The answer, and any INFO that is slow to be answered: what a server that repeats on connections would repeat.
      callee.answers(undefined, 700)
      const from = record.wire.length
      const call = await caller.invites(callee)
      const final = await within(call.answered, 6_000)
      loginTaken(final)
      if (final?.status !== 200) {
        const told = `${transport}: ${final?.status ?? 'no answer'}`
        if ([415, 488, 606].includes(final?.status ?? 0)) offers.push(told)
        else failed.push(told)
        return
      }
      await waits(300)
      await within(call.hangUp(), 3_000)
      const sip = record.wire
        .slice(from)
        .filter(({ device, packet, data }) => device === caller.name && packet === 'sip' && data)
      const bytes = sip.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
      const messages = record.messages.filter(
        ({ device, message }) => device === caller.name && message.headers.get('Call-ID') === call.id,
      )
      rows.push({ cells: [transport.toUpperCase(), String(messages.length), String(bytes)] })
    }
    await Promise.all([talk(udpCaller, udpCallee), talk(tcpCaller, tcpCallee), talk(tlsCaller, tlsCallee)])
    precondition(rows.length > 0 || failed.length > 0, 'no call was tried')
    precondition(
      failed.length > 0 || offers.length === 0,
      `the offer of a call was rejected (${offers.join(', ')})`,
      'call-refused',
    )
    expect('calls', failed).toBeEmpty()
    const twice = record.messages.filter(
      ({ again, transport, direction, message }) =>
        again && transport !== 'udp' && direction === 'in' && message.kind === 'request',
    )
    expect('once', twice.length, { seen: twice[0] }).toBe(0, 'request that came twice')
    shows({
      kind: 'table',
      title: 'Signalling of one call at the caller, by transport',
      columns: ['transport', 'messages', 'bytes'],
      rows: rows.map(({ cells }) => cells),
    })
  },
})
