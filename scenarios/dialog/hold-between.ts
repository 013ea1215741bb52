import {
  audioIsThere,
  type Device,
  hearingEachOther,
  hears,
  loginTaken,
  must,
  owed,
  scenario,
  SessionDescription,
  sessionDescriptionIn,
  unsupported,
  whereReached,
} from 'ringproof'

/** What the held side said before it was told arrives for so long, and a voice is recognised in what came before (ms). */
const FALLS_SILENT_MS = 1_500
const LISTENS_MS = 1_500
/** Telephones answer a re-INVITE without asking anybody. */
const ANSWERS_MS = 10_000

interface Hold {
  readonly id: string
  readonly title: string
  readonly area: 'dialog' | 'nat'
  /** Who puts the other side on hold; one after the other. */
  readonly by: readonly ('caller' | 'called device')[]
  readonly request: 'INVITE' | 'UPDATE'
  readonly how?: 'by direction' | 'by address'
  readonly callerIsBehindNat?: boolean
  readonly variants: readonly { transport: 'udp' | 'tcp' | 'tls'; family: 'ipv4' | 'ipv6' }[]
  readonly who: string
}

const on = (transport: 'udp' | 'tcp' | 'tls', family: 'ipv4' | 'ipv6' = 'ipv4') => ({ transport, family })

const HOLDS: readonly Hold[] = [
  {
    id: 'dialog/hold-by-caller',
    title: 'The caller puts the other side on hold and takes it back, and both hear each other again',
    area: 'dialog',
    by: ['caller'],
    request: 'INVITE',
    variants: [on('udp'), on('udp', 'ipv6'), on('tcp'), on('tls')],
    who: 'The caller',
  },
  {
    id: 'dialog/hold-by-called',
    title: 'The called device puts the caller on hold and takes it back, and both hear each other again',
    area: 'dialog',
    by: ['called device'],
    request: 'INVITE',
    variants: [on('udp'), on('tls')],
    who: 'The called party',
  },
  {
    id: 'dialog/hold-by-update',
    title: 'A call is put on hold and taken back by UPDATE, and both hear each other again',
    area: 'dialog',
    by: ['caller', 'called device'],
    request: 'UPDATE',
    variants: [on('udp')],
    who: 'A device that uses UPDATE',
  },
  {
    id: 'dialog/hold-by-address',
    title: 'An old telephone puts a call on hold by the address 0.0.0.0, and both hear each other again',
    area: 'dialog',
    by: ['caller'],
    request: 'INVITE',
    how: 'by address',
    variants: [on('udp')],
    who: 'An old telephone',
  },
  {
    id: 'nat/hold',
    title: 'A call of a device behind NAT is put on hold by either side, and both hear each other again',
    area: 'nat',
    by: ['caller', 'called device'],
    request: 'INVITE',
    callerIsBehindNat: true,
    variants: [on('udp'), on('tcp')],
    who: 'A device behind NAT, or the other side of its call,',
  },
]

export default HOLDS.map(({ id, title, area, by, request, how, callerIsBehindNat, variants, who }) =>
  scenario({
    id,
    title,
    area,
    purposes: ['HOLD'],
    provider: ['BH-1', 'BH-4'],
    rules: {
      taken: owed('RFC 3264 §8.4', 'a call between customers can be put on hold', {
        gravity: 'harm',
        cause: 'hold-refused',
        follows: ['route-lost', 'signalling-unpublished', 'nat-unreachable'],
        harm: `${who} cannot put a call on hold: the provider refuses it.`,
      }),
      described:
        request === 'UPDATE'
          ? whereReached(
              must('RFC 3311 §5.2', 'the answer to an UPDATE with a session description brings one, too', {
                gravity: 'harm',
                cause: 'hold-ignored',
                harm: 'Hold has no effect with devices that use UPDATE: the other side is not told.',
              }),
            )
          : whereReached(
              must('RFC 3261 §13.2.1', 'the answer to a re-INVITE with a session description brings one, too', {
                gravity: 'harm',
                cause: 'hold-ignored',
                harm: 'Hold has no effect: the other side is not told.',
              }),
            ),
      answered: whereReached(
        must('RFC 3264 §6.1', 'a stream that is offered sendonly is answered recvonly or inactive', {
          gravity: 'harm',
          cause: 'hold-ignored',
          harm: 'Whoever is put on hold is not told: the other side goes on hearing what is said there.',
        }),
      ),
      quiet: whereReached(
        must(
          how === 'by address' ? 'RFC 3264 §8.4' : 'RFC 3264 §6.1',
          'who has put the other side on hold is sent none of its voice',
          {
            gravity: 'harm',
            cause: 'hold-ignored',
            harm: 'Whoever is put on hold is still heard by the other side.',
          },
        ),
      ),
      back: whereReached(
        owed('RFC 3264 §8.4', 'a hold can be taken back', {
          gravity: 'outage',
          cause: 'hold-refused',
          harm: 'A call that was put on hold cannot be taken back.',
        }),
      ),
      holderHears: whereReached(
        owed('RFC 3264 §8.4', 'after the hold the side that had asked for it hears the other again', {
          gravity: 'outage',
          cause: 'silent-after-hold',
          follows: ['hold-refused'],
          harm: 'After a hold there is silence: whoever has put the call on hold no longer hears the other side.',
        }),
      ),
      heldHears: whereReached(
        owed('RFC 3264 §8.4', 'after the hold the side that was held hears the other again', {
          gravity: 'outage',
          cause: 'silent-after-hold',
          follows: ['hold-refused'],
          harm: 'After a hold there is silence: whoever was on hold no longer hears the other side.',
        }),
      ),
    },
    devices: { alice: callerIsBehindNat ? { nat: { mappingTimeoutMs: 30_000 } } : {}, bob: {} },
    reliesOn: 'audio',
    step: 'talk',
    variants,
    seconds: 32,
    fitForLoad: true,
    harm: 'Hold does not work in calls between customers.',
    advice:
      'Compare the session description of each re-INVITE, and of its answer, on both sides of the provider: direction, address and port. Offers and answers within a call go through the relay as those of its beginning do (Kamailio, OpenSIPS: rtpengine_offer and rtpengine_answer for requests with a To tag and in the onreply_route, too). Look whether the relay learns the address anew and from whom.',
    async run({ alice, bob, expect, clock, waits, within }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      await audioIsThere(call.caller, call.callee, clock, 'before the hold')
      for (const side of by) {
        const isCaller = side === 'caller'
        const [holder, held] = isCaller ? [call.caller, call.callee] : [call.callee, call.caller]
        const device = isCaller ? alice : bob
        const answerTo = () => device.hears(undefined, { to: request, callId: holder.id }).last
        if (request === 'UPDATE' && !isAllowed(device, isCaller))
          unsupported('the other side is not said to take UPDATE')
        const hold = await within(holder.hold({ by: request, ...(how === undefined ? {} : { how }) }), ANSWERS_MS)
        loginTaken(hold?.final)
        const status = hold?.final?.status ?? 0
        if (request === 'UPDATE' && [405, 501].includes(status)) unsupported(`UPDATE was refused with ${status}`)
        const taken = expect('taken', hold?.final?.status ?? 'no final answer', { seen: answerTo() })
        if (!taken.toSatisfy('a 2xx', (one) => typeof one === 'number' && one < 300)) break
        const body = hold?.final && sessionDescriptionIn(hold.final)
        const description = body === undefined ? null : SessionDescription.parse(body)
        if (!expect('described', description?.media[0]?.direction ?? null, { seen: answerTo() }).toBePresent()) break
        // By address nothing is offered sendonly.
        if (how !== 'by address') {
          expect('answered', description?.media[0]?.direction ?? null, { seen: answerTo() }).toBeOneOf([
            'recvonly',
            'inactive',
          ])
        }
        await waits(FALLS_SILENT_MS)
        expect('quiet', await hears(holder, held, clock, LISTENS_MS)).toSatisfy('silence, or music', (heard) => !heard)
        const resumed = await within(holder.resume({ by: request }), ANSWERS_MS)
        const back = expect('back', resumed?.final?.status ?? 'no final answer', { seen: answerTo() })
        if (!back.toSatisfy('a 2xx', (one) => typeof one === 'number' && one < 300)) break
        const after = await hearingEachOther(holder, held, clock)
        expect('holderHears', after.first, { seen: answerTo() }).toBeTrue("the other side's voice")
        expect('heldHears', after.second, { seen: answerTo() }).toBeTrue("the other side's voice")
      }
      await within(call.caller.hangUp(), 4_000)
    },
  }),
)

/** Does the other side say that it takes UPDATE (RFC 3311 §5)? */
function isAllowed(device: Device, isCaller: boolean): boolean {
  const said = isCaller ? device.hears('2xx', { to: 'INVITE' }).last : device.hears('INVITE').first
  return said?.message.headers.values('Allow').some((method) => method.toUpperCase() === 'UPDATE') === true
}
