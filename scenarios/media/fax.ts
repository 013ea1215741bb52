import {
  audioIsThere,
  FaxEnd,
  hearingEachOther,
  inWords,
  loginTaken,
  must,
  owed,
  scenario,
  SessionDescription,
  sessionDescriptionIn,
  unsupported,
  whereReached,
} from 'ringproof'

/** Devices answer a change of the call without asking anybody. */
const ANSWERS_MS = 10_000
/** The fax of the story: 50 packets each way. */
const FAX_MS = 2_000
/** Of these so many are enough to say that the way is open. */
const ENOUGH = 10
/** Who has T.38 turned off refuses it so. */
const ABOUT_THE_OFFER = [403, 406, 415, 488, 501, 580, 606]

const HOW = ['in place of the audio', 'beside audio of port 0'] as const

export default HOW.map((how) =>
  scenario({
    id: how === 'in place of the audio' ? 'media/fax' : 'media/fax-beside-audio',
    title:
      how === 'in place of the audio'
        ? 'A call changes to fax (T.38) as the called side asks for it, data arrives both ways, and it changes back to audio'
        : 'A call changes to fax (T.38) as a second stream, its audio closed by port 0, and back to audio',
    area: 'media',
    purposes: ['FAX'],
    provider: ['BH-4'],
    rules: {
      taken: owed('RFC 3264 §8.3.3', 'a call between customers can change to fax', {
        gravity: 'harm',
        cause: 'fax-fails',
        follows: ['route-lost', 'change-refused', 'silent-after-hold', 'silent-after-change', 'moved-audio-lost'],
        harm: 'Fax fails: the change of a call to fax (T.38) is not answered as it should be, or ends the call.',
      }),
      described: whereReached(
        must('RFC 3264 §6.1', 'an offer of fax is answered with fax, in the place where it was offered', {
          gravity: 'harm',
          follows: ['silent-after-hold', 'silent-after-change', 'moved-audio-lost'],
          cause: 'fax-fails',
          harm: 'Fax fails: what is offered as fax (T.38) is answered with something else.',
        }),
      ),
      toCaller: whereReached(
        owed('RFC 3264 §8.3.3', 'data of a fax of the called side reaches the caller', {
          gravity: 'harm',
          follows: ['silent-after-hold', 'silent-after-change', 'moved-audio-lost'],
          cause: 'fax-fails',
          harm: 'Fax fails: the change to fax (T.38) is agreed on, and its data does not reach the caller.',
        }),
      ),
      toCalled: whereReached(
        owed('RFC 3264 §8.3.3', 'data of a fax of the caller reaches the called side', {
          gravity: 'harm',
          follows: ['silent-after-hold', 'silent-after-change', 'moved-audio-lost'],
          cause: 'fax-fails',
          harm: 'Fax fails: the change to fax (T.38) is agreed on, and its data does not reach the called side.',
        }),
      ),
      back: whereReached(
        owed('RFC 3264 §8.3.3', 'after a fax both sides hear each other again', {
          gravity: 'harm',
          cause: 'silent-after-change',
          follows: ['fax-fails', 'silent-after-hold', 'moved-audio-lost'],
          harm: 'After a fax the call is silent: whoever wants to speak is not heard.',
        }),
      ),
    },
    // Behind NAT, so that an inside address that is passed on leads nowhere.
    devices: { alice: {}, bob: { nat: { mappingTimeoutMs: 30_000 } } },
    reliesOn: 'audio',
    step: 'talk',
    transports: how === 'in place of the audio' ? ['udp', 'tcp'] : ['udp'],
    seconds: 20,
    harm: 'Fax fails in calls between customers.',
    advice:
      'Compare the re-INVITE with m=image and its answer on both sides of the provider: media type, protocol (udptl), address and port. The relay leads UDPTL as it leads RTP (rtpengine: offers of m=image go through rtpengine_offer and rtpengine_answer like any other). Asterisk: t38_udptl of both endpoints; FreeSWITCH: t38_passthru.',
    async run({ alice, bob, expect, clock, within }) {
      await alice.registers()
      await bob.registers()
      const { caller, callee } = await alice.calls(bob)
      await audioIsThere(caller, callee, clock, 'before the fax')
      const sender = await FaxEnd.at(alice, caller, clock, 'the caller')
      const receiver = await FaxEnd.at(bob, callee, clock, 'the called side')
      sender.takes()
      for (const { media } of [caller, callee]) if (media !== undefined) media.muted = true
      const changed = await within(receiver.offers(how), ANSWERS_MS)
      loginTaken(changed?.final)
      const answer = bob.hears(undefined, { to: 'INVITE', callId: callee.id }).last
      const status = changed?.final?.status ?? 0
      if (ABOUT_THE_OFFER.includes(status)) unsupported(`a change to fax (T.38) is refused with ${status}`)
      const images = SessionDescription.parse((changed?.final && sessionDescriptionIn(changed.final)) ?? '').media.map(
        ({ media, port, protocol }) => (port === 0 ? 'closed' : `${media} ${protocol.toLowerCase()}`),
      )
      // RFC 3264 §6: port 0 rejects a stream. Where the other end was asked, and has taken it, it is lost on the way.
      const wasAsked = alice.hears('INVITE', {
        callId: caller.id,
        where: ({ message }) => message.to.tag !== undefined,
      })
      const isRejected = images.length > 0 && images.every((one) => one === 'closed')
      if (isRejected && wasAsked.count === 0) unsupported('fax (T.38) is answered with port 0')
      if (expect('taken', status, { seen: answer }).toSatisfy('a 2xx', (one) => one >= 200 && one < 300)) {
        const offered = how === 'in place of the audio' ? ['image udptl'] : ['closed', 'image udptl']
        if (expect('described', images, { seen: answer }).toEqual(offered)) {
          await Promise.all([sender.sends(FAX_MS), receiver.sends(FAX_MS)])
          const enough = (count: number) => count >= ENOUGH
          expect('toCaller', sender.heardFrom(receiver)).toSatisfy(`${ENOUGH} of 50 packets, or more`, enough)
          expect('toCalled', receiver.heardFrom(sender)).toSatisfy(`${ENOUGH} of 50 packets, or more`, enough)
        }
        const returned = await within(receiver.goesBack(), ANSWERS_MS)
        for (const { media } of [caller, callee]) if (media !== undefined) media.muted = false
        const isBack = returned?.final !== undefined && returned.final.status < 300
        const heard = isBack ? await hearingEachOther(caller, callee, clock) : undefined
        expect('back', heard ? inWords(heard) : `${returned?.final?.status ?? 'no final response'}`).toSatisfy(
          'each hears the other',
          () => heard?.first === true && heard.second,
        )
      }
      await within(caller.hangUp(), 4_000)
    },
  }),
)
