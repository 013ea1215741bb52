/**
 * Sends every SIP message of a network to a collector (`--hep`), over UDP. Only who asks for it contacts one; a collector that is
 * away, or slow, changes nothing: what cannot be sent is dropped.
 */
import { createSocket } from 'node:dgram'
import { isIP } from 'node:net'
import { unixNow } from '../clock/wall-clock.js'
import type { Clock } from '../clock/clock.js'
import { HepTap } from '../evidence/hep-tap.js'
import type { Network } from '../transport/network.js'
import { RecordingNetwork } from '../transport/recording-network.js'
import { addressesOnThisMachine } from '../transport/system-names.js'

/** Where a collector listens. */
export interface HepCollector {
  readonly host: string
  readonly port: number
}

/** The collector by its address. @returns undefined where its name leads nowhere */
export async function locateCollector({ host, port }: HepCollector): Promise<HepCollector | undefined> {
  if (isIP(host) !== 0) return { host, port }
  try {
    const [address] = await addressesOnThisMachine(host)
    return address === undefined ? undefined : { host: address, port }
  } catch {
    return undefined
  }
}

export interface HepSender {
  /** Tells the collector what goes over a network. */
  over(network: Network): Network
  close(): void
}

/** @param collector by its address */
export function hepSender({ host, port }: HepCollector, clock: Clock): HepSender {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
  // A collector that is away is nobody's trouble here.
  socket.on('error', () => undefined)
  socket.bind(0)
  socket.unref()
  let pending = 0
  let closing = false
  const end = () => {
    if (closing && pending === 0) socket.close()
  }
  const tap = new HepTap({
    unixAt: (clockMs) => unixNow() - (clock.now() - clockMs),
    send: (datagram) => {
      if (closing) return
      pending += 1
      socket.send(datagram, port, host, () => {
        pending -= 1
        end()
      })
    },
  })
  return {
    over: (network) => new RecordingNetwork(network, (event) => tap.see(event)),
    close: () => {
      closing = true
      end()
    },
  }
}
