/** Boxes in front of a provider that does everything right: what scenarios must not take for a defect. UDP only. */
import { createResponse } from '../../src/message/build.js'
import {
  formatNameAddr,
  type NameAddr,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../src/message/message.js'
import { parseMessage } from '../../src/message/parse.js'
import type { Endpoint, Network, UdpSocket } from '../../src/transport/network.js'

/** One telephone's socket, and what a box remembers of it. */
export interface Line {
  readonly local: Endpoint
  /** To the telephone, as if it came from the provider. */
  deliver(message: SipMessage | Buffer): void
  /** To the provider. */
  pass(message: SipMessage): void
}

/** Each may change the message it is given; false swallows it. One box for each telephone's socket. */
export interface Box {
  /** From the telephone. */
  up?(message: SipMessage, line: Line): boolean
  /** From the provider. */
  down?(message: SipMessage, line: Line): boolean
}

const isSip = (data: Uint8Array) => data[0] !== undefined && data[0] >= 65 && data[0] < 91

/** The network, with a box between each UDP socket of ours and the signalling ports of `servers`. */
export function behind(network: Network, servers: readonly string[], makeBox: () => Box): Network {
  const isServer = ({ address, port }: Endpoint) => servers.includes(address) && (port === 5060 || port === 5061)
  return {
    kind: network.kind,
    clock: network.clock,
    connect: (options) => network.connect(options),
    listen: (options) => network.listen(options),
    bindUdp: async (at) => {
      const inner = await network.bindUdp(at)
      const box = makeBox()
      let server: Endpoint | undefined
      const socket: UdpSocket = {
        local: inner.local,
        onMessage: undefined,
        onError: undefined,
        close: () => inner.close(),
        send: (data, to) => {
          const message =
            isServer(to) && isSip(data) ? parseMessage(Buffer.from(data), { mode: 'fast' }).message : undefined
          if (message === undefined) {
            inner.send(data, to)
            return
          }
          server = to
          if (box.up?.(message, line) !== false) inner.send(message.toBytes(), to)
        },
      }
      const line: Line = {
        local: inner.local,
        deliver: (message) => {
          const from = server
          const bytes = Buffer.isBuffer(message) ? message : message.toBytes()
          if (from) network.clock.after(1, () => socket.onMessage?.(bytes, from, network.clock.now()))
        },
        pass: (message) => {
          if (server) inner.send(message.toBytes(), server)
        },
      }
      inner.onError = (error) => socket.onError?.(error)
      inner.onMessage = (data, from, at) => {
        const message = isServer(from) && isSip(data) ? parseMessage(data, { mode: 'fast' }).message : undefined
        if (message === undefined) {
          socket.onMessage?.(data, from, at)
          return
        }
        server ??= from
        if (box.down?.(message, line) !== false) socket.onMessage?.(message.toBytes(), from, at)
      }
      return socket
    },
  }
}

const isAnswerTo = (message: SipMessage, method: string): message is SipResponse =>
  message.kind === 'response' && message.cseq.method === method

/** Several boxes in a row, the first one next to the telephone. */
export const inRow = (...boxes: Box[]): Box => ({
  up: (message, line) => boxes.every((box) => box.up?.(message, line) !== false),
  down: (message, line) => boxes.toReversed().every((box) => box.down?.(message, line) !== false),
})

/** Takes a 302 of a telephone for a refusal, and writes numbers of callers as +49211… instead of 0211…. */
export const refusesRedirects = (): Box => ({
  up: (message) => {
    if (!isAnswerTo(message, 'INVITE') || message.status < 300 || message.status >= 400) return true
    message.status = 480
    message.reason = 'Temporarily Unavailable'
    message.headers.remove('Contact')
    return true
  },
  down: (message) => {
    const asserted = message.headers.get('P-Asserted-Identity')
    if (asserted !== undefined)
      message.headers.set('P-Asserted-Identity', asserted.replace(/^<sip:0(?=[1-9])/, '<sip:+49'))
    return true
  },
})

/** Contacts in the 200 to REGISTER as `change` makes them; undefined leaves one out. */
function changeContacts(response: SipResponse, change: (contact: NameAddr) => NameAddr | undefined): void {
  if (response.status >= 300) return
  const contacts = response.contacts()
  if (contacts === '*' || contacts.length === 0) return
  response.headers.remove('Contact')
  for (const contact of contacts) {
    const changed = change(contact)
    if (changed) response.headers.add('Contact', formatNameAddr(changed))
  }
}

/** Writes its own address into contacts, as border controllers do that sit between telephone and registrar. */
export const rewritesContacts = (): Box => ({
  down: (message) => {
    if (isAnswerTo(message, 'REGISTER'))
      changeContacts(message, (one) => ({ ...one, uri: one.uri.replace(/@[^;>]*/, '@203.0.113.5:5060') }))
    return true
  },
})

/** Gives contacts a name of its own, too: nothing of what the telephone wrote comes back. */
export const replacesContacts = (): Box => ({
  down: (message) => {
    if (isAnswerTo(message, 'REGISTER')) {
      changeContacts(message, (one) => {
        const name = Buffer.from(one.uri).toString('hex').slice(-24)
        return { ...one, uri: `sip:${name}@203.0.113.5:5060` }
      })
    }
    return true
  },
})

/** Tells a telephone of the contacts in its own request and of no others. */
export const hidesOthers = (): Box => {
  const mine = new Set<string>()
  return {
    up: (message) => {
      if (message.kind === 'request' && message.method === 'REGISTER') {
        const contacts = message.contacts()
        if (contacts !== '*') for (const { uri } of contacts) mine.add(uri)
      }
      return true
    },
    down: (message) => {
      if (isAnswerTo(message, 'REGISTER')) changeContacts(message, (one) => (mine.has(one.uri) ? one : undefined))
      return true
    },
  }
}

/** Grants no more than a minute, to keep a NAT open, whatever the registrar behind it grants. */
export const cutsTo = (seconds: (granted: number) => number): Box => ({
  down: (message) => {
    if (isAnswerTo(message, 'REGISTER')) {
      changeContacts(message, (one) => {
        const granted = Number(one.params.get('expires'))
        return { ...one, params: new Map([...one.params, ['expires', String(seconds(granted))]]) }
      })
    }
    return true
  },
})

/** Asks for registrations as a proxy: 407 instead of 401. */
export const asksAsProxy = (): Box => ({
  up: (message) => {
    if (message.kind === 'request' && message.method === 'REGISTER') {
      const all = message.headers.all('Proxy-Authorization')
      message.headers.remove('Proxy-Authorization')
      for (const value of all) message.headers.add('Authorization', value)
    }
    return true
  },
  down: (message) => {
    if (isAnswerTo(message, 'REGISTER') && message.status === 401) {
      const all = message.headers.all('WWW-Authenticate')
      message.headers.remove('WWW-Authenticate')
      for (const value of all) message.headers.add('Proxy-Authenticate', value)
      message.status = 407
      message.reason = 'Proxy Authentication Required'
    }
    return true
  },
})

/** A proxy before the registrar asks, too, for the same realm and by the same algorithm; whatever it is told will do. */
export const asksBeside = (): Box => ({
  down: (message) => {
    if (isAnswerTo(message, 'REGISTER') && message.status === 401)
      for (const value of message.headers.all('WWW-Authenticate')) message.headers.add('Proxy-Authenticate', value)
    return true
  },
})

const authorizationIn = (request: SipRequest) =>
  request.headers.get('Authorization') ?? request.headers.get('Proxy-Authorization')

/** Takes each nonce once; and does not say that it is the nonce. */
export const takesNoncesOnce = (): Box => {
  const used = new Map<string, string>()
  return {
    up: (message) => {
      if (message.kind !== 'request' || message.method === 'ACK' || message.method === 'CANCEL') return true
      const value = authorizationIn(message)
      const nonce = /nonce="([^"]*)"/.exec(value ?? '')?.[1]
      if (value === undefined || nonce === undefined) return true
      const branch = message.via.branch ?? ''
      if ((used.get(nonce) ?? branch) !== branch) {
        for (const name of ['Authorization', 'Proxy-Authorization'])
          if (message.headers.has(name)) message.headers.set(name, value.replace(/response="[^"]*"/, 'response="0"'))
      }
      used.set(nonce, branch)
      return true
    },
  }
}

/** Answers 403 to a log-in that is wrong, and after the third says nothing more for a while. */
export const bans = (): Box => {
  const tried = new Set<string>()
  let wrong = 0
  return {
    up: (message) => {
      if (message.kind === 'request' && authorizationIn(message) !== undefined) tried.add(message.via.branch ?? '')
      return wrong < 3
    },
    down: (message) => {
      if (message.kind !== 'response' || ![401, 407].includes(message.status)) return true
      if (!tried.has(message.via.branch ?? '') || /stale=true/i.test(String(message.toBytes()))) return true
      wrong += 1
      message.status = 403
      message.reason = 'Forbidden (bad auth)'
      message.headers.remove('WWW-Authenticate')
      message.headers.remove('Proxy-Authenticate')
      return true
    },
  }
}

/** Adds what mobile networks and softswitches add to the answer, tells of waiting messages at once, and pings. */
export const talksMuch = (): Box => {
  let told = 0
  return {
    down: (message, line) => {
      if (!isAnswerTo(message, 'REGISTER') || message.status >= 300) return true
      const aor = message.to.uri
      message.headers.set('Server', 'Carrier SBC 7.2 (build 12)')
      message.headers.set('Service-Route', '<sip:orig@127.0.0.71:5060;lr>')
      message.headers.set('P-Associated-URI', `<${aor}>, <tel:+4921155000001>`)
      message.headers.set('Expires', '3599')
      message.headers.set('Supported', 'path, gruu, outbound')
      const contacts = message.contacts()
      const contact = contacts === '*' ? undefined : contacts[0]
      if (contact === undefined) return true
      told += 1
      for (const method of ['NOTIFY', 'OPTIONS']) {
        const body = method === 'NOTIFY' ? 'Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n' : ''
        const lines = [
          `${method} ${contact.uri} SIP/2.0`,
          `Via: SIP/2.0/UDP 127.0.0.71:5060;branch=z9hG4bK${method}${line.local.port}x${told};rport`,
          'Max-Forwards: 70',
          `From: <${aor}>;tag=${method}${told}`,
          `To: <${aor}>`,
          `Call-ID: ${method}-${line.local.port}-${told}`,
          `CSeq: 1 ${method}`,
          'Contact: <sip:127.0.0.71:5060>',
          ...(body
            ? [
                'Event: message-summary',
                'Subscription-State: active',
                'Content-Type: application/simple-message-summary',
              ]
            : []),
          `Content-Length: ${body.length}`,
        ]
        line.deliver(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`))
      }
      return true
    },
    // What answers these is for the box alone.
    up: (message) => message.kind === 'request' || !/^(NOTIFY|OPTIONS)-/.test(message.callId),
  }
}

/** Two calls instead of one: towards the called telephone Call-ID, From tag and Via are its own. */
export const isBackToBack = (): Box => {
  const own = new Set<string>()
  /** Branches of requests that were translated on their way up. */
  const asked = new Set<string>()
  const vias = new Map<string, string[]>()
  const retag = (value: string, how: (tag: string) => string) =>
    value.replace(/;tag=([^;>]+)/, (_all, tag: string) => `;tag=${how(tag)}`)
  const into = (tag: string) => `b2b${tag}`
  const back = (tag: string) => tag.replace(/^b2b/, '')
  const change = (message: SipMessage, name: string, how: (tag: string) => string) =>
    message.headers.set(name, retag(message.headers.get(name) ?? '', how))
  return {
    up: (message) => {
      const id = message.callId
      if (!id.startsWith('b2b-')) {
        own.add(id)
        return true
      }
      message.headers.set('Call-ID', id.slice(4))
      if (message.kind === 'request') {
        asked.add(message.via.branch ?? '')
        change(message, 'To', back)
      } else {
        const before = vias.get(`${message.via.branch} ${message.cseq.method}`)
        if (before) {
          message.headers.remove('Via')
          for (const value of before) message.headers.add('Via', value)
          change(message, 'From', back)
        } else {
          change(message, 'To', back)
        }
      }
      return true
    },
    down: (message) => {
      const id = message.callId
      if (own.has(id) || /^(NOTIFY|OPTIONS)-/.test(id)) return true
      if (message.kind === 'response' && !asked.has(message.via.branch ?? '')) return true
      message.headers.set('Call-ID', `b2b-${id}`)
      if (message.kind === 'request') {
        const all = message.headers.values('Via')
        vias.set(`${message.via.branch} ${message.method}`, all)
        message.headers.remove('Via')
        message.headers.add('Via', all[0] ?? '')
        change(message, 'From', into)
      } else {
        change(message, 'To', into)
      }
      return true
    },
  }
}

/** Does it bring a log-in? */
export const bringsLogin = (request: SipRequest): boolean => authorizationIn(request) !== undefined

/** Answers what `pick` gives a status for by itself, 0 with nothing at all; the provider never sees it. */
export const answersItself = (pick: (request: SipRequest) => number | undefined): Box => ({
  up: (message, line) => {
    if (message.kind !== 'request' || message.method === 'ACK') return true
    const status = pick(message)
    if (status === undefined) return true
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
    const headers: [string, string][] =
      status === 401 || status === 407
        ? [[name, 'Digest realm="elsewhere", nonce="once", qop="auth"']]
        : status === 302
          ? [['Contact', '<sip:registrar-2.elsewhere.example>']]
          : []
    if (status > 0) line.deliver(createResponse(message, status, undefined, { toTag: 'box', headers }))
    return false
  },
})
