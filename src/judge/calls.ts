/** Calls: messages of one Call-ID, with a leg for each hop that an INVITE was seen on. */
import { parseUri } from '../message/uri.js'
import { agreementsOf } from './agreements.js'
import { isOfDialog, type Leg } from './leg.js'
import type { SipSeen } from './sip-reader.js'
import { finalOf, firstOf, isChallenge, type Transaction } from './transactions.js'

export interface Call {
  readonly callId: string
  /** In order, all hops. */
  readonly messages: readonly SipSeen[]
  readonly transactions: readonly Transaction[]
  readonly legs: readonly Leg[]
  /** Who calls whom, as the first INVITE says; undefined where it was not seen. */
  readonly from: string | undefined
  readonly to: string | undefined
}

export interface CallMessages {
  readonly messages: SipSeen[]
  readonly transactions: Transaction[]
  readonly acks: SipSeen[]
}

/** Call-IDs with an INVITE, a BYE or an ACK are calls. */
const OF_CALLS = new Set(['INVITE', 'BYE', 'ACK', 'CANCEL', 'PRACK', 'UPDATE', 'INFO', 'REFER'])

export function isCall({ messages }: CallMessages): boolean {
  return messages.some(({ method }) => OF_CALLS.has(method))
}

export function callOf(callId: string, { messages, transactions, acks }: CallMessages): Call {
  const initial = transactions.filter((one) => one.method === 'INVITE' && firstOf(one).toTag === '')
  const counting = initial.filter((one) => !isTriedAgain(one, initial))
  const first = initial[0] === undefined ? undefined : firstOf(initial[0])
  return {
    callId,
    messages,
    transactions,
    legs: counting.map((invite) => legOf(invite, transactions, acks)),
    from: first === undefined ? undefined : userIn(() => first.message.from.uri),
    to: first === undefined ? undefined : userIn(() => first.message.to.uri),
  }
}

/** It was challenged, or redirected, and another took its place on the same hop. */
function isTriedAgain(invite: Transaction, all: readonly Transaction[]): boolean {
  const status = finalOf(invite)?.status
  const again = status !== undefined && (isChallenge(status) || status === 422 || status === 488 || status < 400)
  return (
    again &&
    status >= 300 &&
    all.some(
      (one) =>
        one.cseq > invite.cseq &&
        one.client.address === invite.client.address &&
        one.server.address === invite.server.address,
    )
  )
}

function legOf(invite: Transaction, transactions: readonly Transaction[], acks: readonly SipSeen[]): Leg {
  const answers = invite.responses.filter(({ status }) => status >= 200 && status < 300)
  const [answer] = answers
  const inDialog =
    answer === undefined ? [] : transactions.filter((one) => one !== invite && isOfDialog(firstOf(one), answer))
  const ofDialog = answer === undefined ? [] : acks.filter((ack) => isOfDialog(ack, answer))
  const cancel = transactions.find(
    (one) =>
      one.method === 'CANCEL' &&
      one.cseq === invite.cseq &&
      one.branch === invite.branch &&
      one.client.address === invite.client.address,
  )
  const here = {
    caller: invite.client,
    callee: invite.server,
    invite,
    answer,
    answers,
    acks: ofDialog.filter(({ cseq }) => cseq === answer?.cseq),
    laterAcks: ofDialog.filter(({ cseq }) => cseq !== answer?.cseq),
    inDialog,
    bye: inDialog.find(({ method }) => method === 'BYE'),
    cancel,
  }
  return { ...here, agreements: agreementsOf(here) }
}

/** The number or name in a URI; the host where it has none. */
export function userIn(read: () => string): string | undefined {
  try {
    const uri = parseUri(read())
    return uri.userDecoded ?? uri.user ?? uri.host
  } catch {
    return undefined
  }
}
