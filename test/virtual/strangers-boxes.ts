/** Habits of softswitches and PBXs (Asterisk, FreeSWITCH, OpenSIPS) that no RFC forbids, as boxes before a correct provider. */
import { createRequest, createResponse } from '../../src/message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../../src/message/message.js'
import type { Box, Line } from './middlebox.js'

const MARK = 'z9hG4bKstranger'
const within = (request: SipRequest) => request.to.tag !== undefined

/** These it asks with 401 anyhow, as the server that they are meant for. */
const ASKED_AS_SERVER = ['REGISTER', 'SUBSCRIBE']

/** Asks for calls as a user agent: 401 instead of 407 (Asterisk). */
export const asksAsUserAgent = (): Box => ({
  up: (message) => {
    if (message.kind === 'request' && !ASKED_AS_SERVER.includes(message.method))
      rename(message, 'Authorization', 'Proxy-Authorization')
    return true
  },
  down: (message) => {
    if (message.kind === 'response' && message.status === 407 && !ASKED_AS_SERVER.includes(message.cseq.method)) {
      rename(message, 'Proxy-Authenticate', 'WWW-Authenticate')
      message.status = 401
      message.reason = 'Unauthorized'
    }
    return true
  },
})

function rename(message: SipMessage, from: string, to: string): void {
  const all = message.headers.all(from)
  message.headers.remove(from)
  for (const value of all) message.headers.add(to, value)
}

/** Asks for a log-in within dialogs, too: BYE, re-INVITE and all else but ACK (FreeSWITCH: auth-all-packets). */
export const asksWithinDialogs = (): Box => {
  const asked = new Set<string>()
  return {
    up: (message, line) => {
      if (message.kind !== 'request' || !within(message)) return true
      const branch = message.via.branch ?? ''
      if (message.method === 'ACK') return !asked.has(branch)
      if (message.method === 'PRACK') return true
      const value = message.headers.all('Proxy-Authorization').find((one) => one.includes('nonce="within"'))
      if (value !== undefined) {
        message.headers.remove('Proxy-Authorization')
        return true
      }
      asked.add(branch)
      const realm = message.from.uri.replace(/^.*@/, '').replace(/[:;].*$/, '')
      const headers: [string, string][] = [
        ['Proxy-Authenticate', `Digest realm="${realm}", nonce="within", algorithm=MD5, qop="auth"`],
      ]
      line.deliver(createResponse(message, 407, undefined, { toTag: message.to.tag ?? '', headers }))
      return false
    },
  }
}

/** Asks phones whether they are there, out of dialogs, whenever they are busiest: as their call is answered (qualify). */
export const pings = (): Box => {
  let sent = 0
  return {
    up: (message, line) => {
      if (message.kind === 'request' && message.method === 'ACK') {
        sent += 1
        line.deliver(
          request('OPTIONS', `sip:${line.local.address}:${line.local.port}`, {
            from: '<sip:asterisk@127.0.0.71>;tag=ping',
            to: `<sip:${line.local.address}:${line.local.port}>`,
            callId: `ping-${line.local.port}-${sent}`,
            cseq: sent,
          }),
        )
      }
      return !(isOwn(message) && message.cseq.method === 'OPTIONS')
    },
  }
}

export const isOwn = (message: SipMessage) => message.kind === 'response' && (message.via.branch ?? '').startsWith(MARK)

let branches = 0
function request(
  method: string,
  uri: string,
  o: { from: string; to: string; callId: string; cseq: number; body?: Buffer },
): SipRequest {
  branches += 1
  const made = createRequest({
    method,
    uri,
    from: o.from,
    to: o.to,
    callId: o.callId,
    cseq: o.cseq,
    via: `SIP/2.0/UDP 127.0.0.71:5060;branch=${MARK}${branches};rport`,
  })
  if (o.body !== undefined && o.body.length > 0) {
    made.headers.set('Content-Type', 'application/sdp')
    made.body = o.body
  }
  return made
}

interface Leg {
  readonly contact: string
  readonly ours: string
  readonly theirs: string
  readonly theirContact: string
  /** What the far end said last, in a request or a response. */
  readonly description: Buffer
  /** The far end's number up to which its requests are passed as they are; those after it are one higher. */
  last: number
  disturbed: boolean
}

/**
 * Sends each side a request once the call is up: a re-INVITE with the same description, because the session is refreshed or the
 * media path changed; one without any; or an UPDATE that tells who is on the line (Asterisk: direct media, connected line).
 */
export const disturbsCalls = (how: 'offers' | 'asks for an offer' | 'updates'): Box => {
  const legs = new Map<string, Leg>()
  const invites = new Map<string, SipRequest>()
  /** The highest number of requests that came down, by call. */
  const numbers = new Map<string, number>()
  return {
    down: (message, line) => {
      const { callId } = message
      if (message.kind === 'response') {
        const invite = invites.get(callId)
        if (isAnswer(message) && invite && !legs.has(callId)) legs.set(callId, legOf(invite, message, 0))
        return true
      }
      if (message.method === 'INVITE' && !within(message)) invites.set(callId, message.clone())
      // PRACK comes before the answer.
      numbers.set(callId, Math.max(numbers.get(callId) ?? 0, message.cseq.number))
      const leg = legs.get(callId)
      if (leg === undefined) return true
      if (leg.disturbed && message.cseq.number > leg.last)
        message.headers.set('CSeq', `${message.cseq.number + 1} ${message.cseq.method}`)
      else leg.last = Math.max(leg.last, message.cseq.number)
      if (message.method === 'ACK') disturb(leg, callId, line)
      return true
    },
    up: (message, line) => {
      const { callId } = message
      const leg = legs.get(callId)
      if (isOwn(message)) {
        if (leg && message.kind === 'response') acknowledge(leg, message, line)
        return false
      }
      if (message.kind === 'request') {
        if (message.method === 'INVITE' && !within(message)) invites.set(callId, message.clone())
        if (message.method === 'ACK' && leg !== undefined && within(message)) disturb(leg, callId, line)
        return true
      }
      const invite = invites.get(callId)
      if (isAnswer(message) && invite && leg === undefined)
        legs.set(callId, legOf(message, invite, Math.max(invite.cseq.number, numbers.get(callId) ?? 0)))
      if (leg?.disturbed === true && message.cseq.number > leg.last)
        message.headers.set('CSeq', `${message.cseq.number - 1} ${message.cseq.method}`)
      return true
    },
  }

  /** @param ours what the phone sent, `theirs` what it got */
  function legOf(ours: SipMessage, theirs: SipMessage, last: number): Leg {
    const [caller, called] = ['From', 'To']
    const answered = theirs.kind === 'response' ? theirs : ours
    const value = (name: string) => answered.headers.get(name) ?? ''
    return {
      contact: contactOf(ours) ?? '',
      theirContact: contactOf(theirs) ?? '',
      ours: value(theirs.kind === 'response' ? caller : called),
      theirs: value(theirs.kind === 'response' ? called : caller),
      description: theirs.body,
      last,
      disturbed: false,
    }
  }

  function disturb(leg: Leg, callId: string, line: Line): void {
    if (leg.disturbed || leg.contact === '') return
    leg.disturbed = true
    const made = request(how === 'updates' ? 'UPDATE' : 'INVITE', leg.contact, {
      from: leg.theirs,
      to: leg.ours,
      callId,
      cseq: leg.last + 1,
      ...(how === 'offers' ? { body: leg.description } : {}),
    })
    made.headers.set('Contact', `<${leg.theirContact}>`)
    line.deliver(made)
  }

  function acknowledge(leg: Leg, response: SipResponse, line: Line): void {
    if (response.cseq.method !== 'INVITE' || response.status < 200) return
    const ack = request('ACK', leg.contact, {
      from: leg.theirs,
      to: response.headers.get('To') ?? leg.ours,
      callId: response.callId,
      cseq: response.cseq.number,
      ...(how === 'asks for an offer' && response.status < 300 ? { body: leg.description } : {}),
    })
    // RFC 3261 §17.1.1.3: the ACK for a refusal belongs to its transaction.
    if (response.status >= 300) ack.headers.set('Via', response.headers.get('Via') ?? '')
    line.deliver(ack)
  }
}

const isAnswer = (message: SipMessage): message is SipResponse =>
  message.kind === 'response' && message.cseq.method === 'INVITE' && message.status >= 200 && message.status < 300

function contactOf(message: SipMessage): string | undefined {
  const contacts = message.contacts()
  return contacts === '*' ? undefined : contacts[0]?.uri
}

/** Header fields in another order, many of its own, and who is calling (FreeSWITCH). */
export const writesItsOwnWay = (): Box => ({
  down: (message) => {
    if (message.kind === 'request' && message.method === 'INVITE' && !within(message)) {
      const user = /sip:([^@]*)@/.exec(message.from.uri)?.[1] ?? ''
      message.headers.set('Remote-Party-ID', `"${user}" <${message.from.uri}>;party=calling;screen=yes;privacy=off`)
      message.headers.set('P-Asserted-Identity', `"${user}" <${message.from.uri}>`)
    }
    if (message.kind === 'response' && message.cseq.method === 'INVITE' && message.status > 100 && message.status < 300)
      message.headers.set('P-Asserted-Identity', `<${message.to.uri}>`)
    message.headers.set(message.kind === 'request' ? 'User-Agent' : 'Server', 'FreeSWITCH-mod_sofia/1.10.12~64bit')
    message.headers.set(
      'Allow',
      'INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY, PUBLISH, SUBSCRIBE',
    )
    message.headers.set('Allow-Events', 'talk, hold, conference, presence, dialog, refer')
    message.headers.set('X-FS-Support', 'update_display,send_info')
    message.headers.set('Date', 'Mon, 30 Nov 2026 02:00:00 GMT')
    const fields = message.headers.entries()
    const places = fields.map(([name]) => fields.findIndex(([other]) => other.toLowerCase() === name.toLowerCase()))
    // Fields of one name stay in their order.
    const order = fields.map((field, index) => ({ field, first: places[index] ?? 0, index }))
    order.sort((a, b) => b.first - a.first || a.index - b.index)
    for (const [name] of fields) message.headers.remove(name)
    for (const { field } of order) message.headers.add(...field)
    return true
  },
})

/** Has a change of its own on the way whenever a phone wants to change the call for the first time (RFC 3261 §14.1, §14.2). */
export const changesAtOnce = (): Box => {
  const changed = new Map<string, string>()
  const confirmed = new Set<string>()
  const invites = new Set<string>()
  return {
    up: (message, line) => {
      if (message.kind !== 'request') return true
      const { callId, method } = message
      const branch = message.via.branch ?? ''
      if (method === 'ACK') {
        // The ACK for a refusal has the branch of its INVITE (RFC 3261 §17.1.1.3).
        if (!invites.has(branch)) confirmed.add(callId)
        return changed.get(callId) !== branch
      }
      if (method !== 'INVITE') return true
      invites.add(branch)
      if (!within(message) || !confirmed.has(callId) || (changed.get(callId) ?? branch) !== branch) return true
      changed.set(callId, branch)
      line.deliver(createResponse(message, 491, undefined, { toTag: message.to.tag ?? '' }))
      return false
    },
  }
}

/** Says how a call came to fail in its own way: 480 for accounts without device (FreeSWITCH), 603 and 486 for whatever was refused. */
export const mapsRefusals = (): Box => ({
  down: (message) => {
    if (message.kind === 'response' && message.cseq.method === 'INVITE' && message.to.tag !== undefined) {
      if ([404, 408, 504].includes(message.status)) message.status = 480
      else if (message.status === 603) message.status = 486
      if (message.status >= 300) message.headers.set('Reason', 'Q.850;cause=20;text="SUBSCRIBER_ABSENT"')
    }
    return true
  },
})

/** Its own address in From, the phone's in To, of what arrives at the called side (back-to-back user agents). */
export const addressesAnew = (): Box => {
  const before = new Map<string, { from: string; to: string; newFrom: string; newTo: string }>()
  const swap = (message: SipMessage, name: string, one: string, other: string) => {
    const value = message.headers.get(name)
    if (value?.includes(one)) message.headers.set(name, value.replace(one, other))
  }
  return {
    down: (message, line) => {
      if (
        message.kind === 'request' &&
        message.method === 'INVITE' &&
        !within(message) &&
        !before.has(message.callId)
      ) {
        const [from, to] = [message.from.uri, message.to.uri]
        const newFrom = from.replace(/@.*$/, '@127.0.0.71')
        before.set(message.callId, { from, to, newFrom, newTo: `sip:${line.local.address}:${line.local.port}` })
      }
      const known = before.get(message.callId)
      if (known === undefined) return true
      for (const name of ['From', 'To']) {
        swap(message, name, known.from, known.newFrom)
        swap(message, name, known.to, known.newTo)
      }
      return true
    },
    up: (message) => {
      const known = before.get(message.callId)
      if (known === undefined) return true
      for (const name of ['From', 'To']) {
        swap(message, name, known.newFrom, known.from)
        swap(message, name, known.newTo, known.to)
      }
      return true
    },
  }
}

/**
 * Looks like a proxy without transactions (RFC 3261 §16.11): copies of an INVITE go on to the callee as often as they come, no 100 is
 * its own, and the callee's 503 is passed on. For all telephones of a run: what one sends arrives at another.
 */
export function keepsNoState(): () => Box {
  const copies = new Set<string>()
  const arrived = new Map<string, { line: Line; invite: SipRequest }>()
  return () => ({
    up: (message) => {
      if (message.kind !== 'request' || message.method !== 'INVITE' || within(message)) return true
      const callee = arrived.get(message.callId)
      if (copies.has(message.via.branch ?? '') && callee !== undefined) callee.line.deliver(callee.invite.clone())
      copies.add(message.via.branch ?? '')
      return true
    },
    down: (message, line) => {
      if (message.kind === 'request' && message.method === 'INVITE' && !within(message))
        arrived.set(message.callId, { line, invite: message.clone() })
      return !(message.kind === 'response' && message.status === 100)
    },
  })
}
