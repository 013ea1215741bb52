/** The servers that DNS names for a device: RFC 3263 §4. */
import type { Random } from '../clock/random.js'
import type { Hop } from '../transport/flow.js'
import { announcedServers, locate } from '../transport/locate.js'
import { familyOf, formatEndpoint } from '../transport/network.js'
import type { Device } from './device.js'
import type { Target } from './target.js'
import type { Variant } from './variant.js'

/**
 * Where the device's requests go, and then every other place that the SRV records of its domain and the addresses of its server's name
 * lead to, in its transport and family. Empty records lead nowhere. @throws DnsError where DNS does not answer
 */
export async function serversOf(
  device: Pick<Device, 'hop' | 'variant'>,
  o: { readonly target: Pick<Target, 'dns' | 'domain' | 'addressesOf' | 'hops'>; readonly random: Random },
): Promise<Hop[]> {
  const { target, random } = o
  const { hop, variant } = device
  const { transport, family } = variant
  const domain = target.domain(transport)
  const announced = await announcedServers(domain, {
    dns: target.dns,
    random,
    transports: [transport],
    families: [family],
  }).catch((error: unknown) => {
    // A domain that says that it has no such service leads nowhere by its records.
    if (error instanceof Error && error.name === 'LocateError') return []
    throw error
  })
  const byRecords = await Promise.all(
    announced
      .filter((server) => server.transport === transport)
      .map(async ({ host, port }) =>
        (await target.addressesOf(host).catch(() => []))
          .filter((address) => familyOf(address) === family)
          .map((address) => ({ ...hop, remote: { address, port } })),
      ),
  )
  const all = [hop, ...byRecords.flat(), ...target.hops(variant)]
  return [...new Map(all.map((one) => [formatEndpoint(one.remote), one])).values()]
}

/** Which of the servers the first URI of a dialog's route leads to (RFC 3263 §4); none where it has no route. */
export async function serversOfRoute(
  call: { readonly dialog: { readonly routeSet: readonly string[] } | undefined },
  { servers, variant, target, random }: RouteQuestion,
): Promise<Hop[]> {
  const uri = call.dialog?.routeSet[0]
  if (uri === undefined) return []
  const { transport, family } = variant
  const found = await locate(uri, { dns: target.dns, random, transports: [transport], families: [family] }).catch(
    () => [],
  )
  const places = new Set(found.map(({ remote }) => formatEndpoint(remote)))
  return servers.filter(({ remote }) => places.has(formatEndpoint(remote)))
}

interface RouteQuestion {
  readonly servers: readonly Hop[]
  readonly variant: Variant
  readonly target: Pick<Target, 'dns'>
  readonly random: Random
}
