/** Offers and answers on one hop of a call (RFC 3264, RFC 3261 §13.2.1, RFC 6337 §2). */
import type { Leg } from './leg.js'
import { type Agreement, type Description, descriptionIn } from './descriptions.js'
import type { SipSeen } from './sip-reader.js'
import { firstOf, type Transaction } from './transactions.js'

type Here = Omit<Leg, 'agreements'>

/** In the order of their answers. */
export function agreementsOf(leg: Here): Agreement[] {
  const { invite, inDialog, caller, callee } = leg
  const here = inDialog.filter(
    ({ client, server }) =>
      (client.address === caller.address && server.address === callee.address) ||
      (client.address === callee.address && server.address === caller.address),
  )
  const found = [
    ofInvite(invite, leg),
    ...here.map((one) => (one.method === 'INVITE' ? ofReinvite(one, leg) : ofRequest(one))),
  ]
  return found.flatMap((one) => one ?? []).sort((a, b) => a.at - b.at)
}

/** Of the fork that answered; before there is an answer, of the latest that sent a description. */
function ofInvite(invite: Transaction, { answer, acks }: Here): Agreement | undefined {
  const offer = descriptionIn(firstOf(invite))
  const told = invite.responses.filter(
    ({ status, toTag }) => status > 100 && status < 300 && (answer === undefined || toTag === answer.toTag),
  )
  if (offer === undefined) return answer === undefined ? undefined : lateOffer(answer, acks)
  const described = told.flatMap((seen) => descriptionIn(seen) ?? [])
  const first = answer === undefined ? described.at(-1) : described[0]
  return first === undefined ? undefined : agreement(offer, first)
}

/** §13.2.1: an INVITE without an offer is given one in the 2xx, and the ACK answers it. */
function lateOffer(answer: SipSeen, acks: readonly SipSeen[]): Agreement | undefined {
  const offer = descriptionIn(answer)
  const answered = acks.flatMap((ack) => descriptionIn(ack) ?? [])[0]
  return offer === undefined || answered === undefined ? undefined : agreement(offer, answered)
}

function ofReinvite(invite: Transaction, { laterAcks }: Here): Agreement | undefined {
  const success = invite.responses.find(({ status }) => status >= 200 && status < 300)
  if (success === undefined) return undefined
  const offer = descriptionIn(firstOf(invite))
  if (offer === undefined) {
    return lateOffer(
      success,
      laterAcks.filter(({ cseq }) => cseq === invite.cseq),
    )
  }
  const answered = descriptionIn(success)
  return answered === undefined ? undefined : agreement(offer, answered)
}

/** UPDATE (RFC 3311) and PRACK (RFC 3262 §5). */
function ofRequest(request: Transaction): Agreement | undefined {
  const offer = descriptionIn(firstOf(request))
  const success = request.responses.find(({ status }) => status >= 200 && status < 300)
  const answered = success === undefined ? undefined : descriptionIn(success)
  return offer === undefined || answered === undefined ? undefined : agreement(offer, answered)
}

const agreement = (offer: Description, answer: Description): Agreement => ({
  offer,
  answer,
  at: answer.seen.at,
  early: answer.seen.status > 0 && answer.seen.status < 200,
})
