import { BINDING, encodeStun, must, parseStun, precondition, scenario } from 'ringproof'

/** Of the range that must be understood, and assigned to nobody (RFC 8489 §18.3). */
const UNKNOWN = 0x7e57

export default scenario({
  id: 'dns/stun-unknown',
  title: 'An unknown STUN attribute that must be understood is refused with error 420 and named',
  area: 'dns',
  purposes: ['STUN-3478', 'STUN-ALT'],
  provider: ['EP-6'],
  rules: {
    refused: must(
      'RFC 8489 §6.3.1',
      'a STUN request with an attribute that is not understood is answered with error 420',
      { gravity: 'letter' },
    ),
    named: must('RFC 8489 §6.3.1.1', 'error 420 of STUN lists the attribute in UNKNOWN-ATTRIBUTES', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['stun'],
  seconds: 12,
  reliesOn: 'nothing',
  harm: 'The STUN server ignores attributes that it must refuse. Telephones do not send them.',
  advice: 'Update the STUN server.',
  async run({ alice, target, random, expect, waits }) {
    const { stun } = target.document
    const [address] = (await target.addressesOf(stun?.host ?? '')).filter((one) => !one.includes(':'))
    precondition(address, `${stun?.host} has no IPv4 address`)
    const asked = { address, port: stun?.ports[0] ?? 3478 }
    const socket = await alice.bindsSocket()
    const came: Buffer[] = []
    socket.onMessage = (data) => came.push(data)
    const ask = async (bytes: (id: Buffer) => Buffer) => {
      const id = random.bytes(12)
      const found = () => came.map((data) => parseStun(data)).find((one) => one?.transactionId.equals(id))
      for (const pause of [500, 1_000, 2_000]) {
        if (!found()) socket.send(bytes(id), asked)
        for (let waited = 0; waited < pause && !found(); waited += 50) await waits(50)
      }
      return found()
    }
    const plain = (id: Buffer) => encodeStun({ class: 'request', method: BINDING, transactionId: id })
    precondition(await ask(plain), 'the STUN server does not answer a plain request either', 'no-answer')
    const answer = await ask((id) => {
      const bytes = Buffer.concat([plain(id), Buffer.from([UNKNOWN >> 8, UNKNOWN & 0xff, 0, 4, 1, 2, 3, 4])])
      bytes.writeUInt16BE(bytes.length - 20, 2)
      return bytes
    })
    expect('refused', answer ? `${answer.class} ${answer.errorCode?.code ?? ''}`.trim() : 'no answer').toBe('error 420')
    expect('named', answer?.unknownAttributes ?? []).toContain(UNKNOWN)
  },
})
