import {
  finding,
  must,
  outsideAddress,
  parseMessage,
  precondition,
  promised,
  scenario,
  type SipSighting,
} from 'ringproof'

export default scenario({
  id: 'nat/no-rport',
  title: 'Without rport the answer goes to the source address, and to the port that the device named',
  area: 'nat',
  purposes: ['NAT-NORPORT', 'TR-RECEIVED'],
  provider: ['BH-9'],
  rules: {
    answered: promised('BH-9', 'a request without rport is answered, at the named port or where it came from', {
      gravity: 'letter',
    }),
    received: must('RFC 3261 §18.2.1', 'where the Via names a host by name, the source address is added as received', {
      gravity: 'harm',
      harm: 'Older telephones whose messages name a host get their answers at a wrong address.',
    }),
    namedPort: finding(
      'RFC 3261 §18.2.2',
      'the response to a request without rport goes to the port in the Via, not to the source port',
      {
        gravity: 'harm',
        harm: 'Older telephones and exchanges, which send from another port than they listen on, hear no answer.',
      },
    ),
  },
  devices: { alice: { audio: false } },
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Older telephones and exchanges, which send from another port than they listen on, hear no answer.',
  advice: 'rport that is forced upon every device helps those behind NAT and hurts these: decide it by the request.',
  async run({ alice, target, expect, within }) {
    const sends = await alice.bindsSocket()
    const listens = await alice.bindsSocket()
    const request = alice.composes('OPTIONS', `sip:${target.domain('udp')}`, {
      sentBy: `device.ringproof.invalid:${listens.local.port}`,
      rport: false,
    })
    const answer = new Promise<{ where: 'named' | 'source'; data: Buffer }>((resolve) => {
      const takes = (where: 'named' | 'source') => (data: Buffer) => {
        if (parseMessage(data, { mode: 'fast' }).message?.callId === request.callId) resolve({ where, data })
      }
      listens.onMessage = takes('named')
      sends.onMessage = takes('source')
    })
    // A firewall before this machine lets in what is from where something was sent to, and nothing else.
    listens.send(Buffer.from('\r\n\r\n'), alice.hop.remote)
    sends.send(request.toBytes(), alice.hop.remote)
    let came = await within(answer, 1_500)
    if (!came) {
      sends.send(request.toBytes(), alice.hop.remote)
      came = await within(answer, 2_000)
    }
    const control = (await alice.sends('OPTIONS', `sip:${target.domain('udp')}`)).final
    precondition(came ?? control, 'OPTIONS is not answered at all')
    // The port that the Via names has no mapping in a NAT before this machine: the right answer would be lost in it.
    const outside = outsideAddress(sends.local.address, control?.via.received)
    precondition(
      came ?? outside === sends.local.address,
      `a NAT stands between this machine and the target (${outside}); it keeps the answer out`,
    )
    expect('answered', came !== undefined).toBeTrue('an answer at one of the two ports')
    if (!came) return
    const { message } = parseMessage(came.data, { mode: 'strict' })
    precondition(message, 'the answer could not be read')
    const seen: SipSighting | undefined = alice.hears(undefined, { callId: request.callId }).last
    expect('received', message.via.received, { seen, header: 'Via' }).toBe(outside)
    expect('namedPort', came.where === 'named' ? 'named port' : 'source port', { seen }).toBe('named port')
  },
})
