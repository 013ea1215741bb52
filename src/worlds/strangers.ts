/** Addresses of this machine that somebody else could have, for scenarios in which a stranger acts. */
import { networkInterfaces } from 'node:os'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { within } from '../clock/within.js'
import { createRequest } from '../message/build.js'
import { parseMessage } from '../message/parse.js'
import type { Hop } from '../transport/flow.js'
import { type Family, familyOf, formatEndpoint, type Network } from '../transport/network.js'

/** A target on loopback is reached from all of 127.0.0.0/8. */
const ON_LOOPBACK = '127.0.66.66'
/** ms between the tries, and after the last of them. */
const PATIENCE_MS = 500
const TRIES = 2

interface Search {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** The devices' address. */
  readonly own: string
  /** Of the target over UDP; undefined where it has none: nobody else's datagrams would arrive then. */
  readonly hop: Hop | undefined
  /** The one that the user has named. */
  readonly named?: string | undefined
  /** Default: those of this machine. */
  readonly candidates?: readonly string[]
}

/**
 * An address besides the devices' own from which the target hears requests, and which it takes for another one: it answers an
 * OPTIONS, and sees it at another address than the devices. What is not heard at all would prove nothing.
 */
export async function strangerTo(search: Search): Promise<string | undefined> {
  const { own, named, hop, candidates = addressesOf(familyOf(own)) } = search
  if (named === undefined && own.startsWith('127.')) return ON_LOOPBACK
  const others = (named === undefined ? candidates : [named]).filter((address) => address !== own)
  if (hop === undefined || others.length === 0) return undefined
  const [asOwn, ...seen] = await Promise.all([own, ...others].map((address) => seenAs(address, hop, search)))
  return asOwn === undefined ? undefined : others.find((_, n) => seen[n] !== undefined && seen[n] !== asOwn)
}

/** Global addresses of this machine's interfaces. */
function addressesOf(family: Family): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses
      .filter((one) => !one.internal && familyOf(one.address) === family && !/^(fe80|169\.254)/i.test(one.address))
      .map(({ address }) => address),
  )
}

/** The address that the target sees requests from there come from; undefined where it answers none. */
async function seenAs(address: string, { remote }: Hop, search: Search): Promise<string | undefined> {
  const { network, clock, random } = search
  const socket = await network.bindUdp({ address, port: 0 }).catch(() => undefined)
  if (socket === undefined) return undefined
  const to = `sip:${formatEndpoint(remote)}`
  const callId = random.token(24)
  const request = createRequest({
    method: 'OPTIONS',
    uri: to,
    from: `<sip:ringproof@${formatEndpoint(socket.local)}>;tag=${random.token(10)}`,
    to: `<${to}>`,
    callId,
    cseq: 1,
    via: `SIP/2.0/UDP ${formatEndpoint(socket.local)};branch=z9hG4bK${random.token(16)};rport`,
  }).toBytes()
  const answered = new Promise<string>((resolve) => {
    socket.onMessage = (data) => {
      const { message } = parseMessage(data, { mode: 'fast' })
      if (message?.kind === 'response' && message.callId === callId)
        resolve(message.via.params.get('received') ?? address)
    }
  })
  socket.onError = () => {}
  try {
    for (let tries = 0; tries < TRIES; tries += 1) {
      socket.send(request, remote)
      const seen = await within(clock, answered, PATIENCE_MS)
      if (seen !== undefined) return seen
    }
    return undefined
  } finally {
    socket.close()
  }
}
