/** What one of two SIP hosts does not know of the other's telephones and calls: nothing is unknown where both tell each other. */
import type { Flow } from '../transport/flow.js'
import type { InDialog } from './call-table.js'
import type { ProviderContext } from './context.js'
import type { DigestServer } from './digest-server.js'
import { LocationService } from './location-service.js'
import type { OwnHosts } from './own-hosts.js'
import { Registrar } from './registrar.js'
import { Router } from './router.js'
import type { ServiceHost } from './services/service-host.js'
import type { SettingsBook } from './settings.js'

/** Came by another host than those that the call began at, where these tell each other nothing of calls. */
export function isOfOtherHost(
  { addresses, lost, rules }: ProviderContext,
  found: InDialog | undefined,
  { local }: Flow,
): boolean {
  if (found === undefined) return false
  const { sharesCalls, survivesLoss } = rules.proxy
  if (!survivesLoss && lost.has(found.call.begunAt)) return true
  if (sharesCalls) return false
  const isSecond = (address: string) => address === addresses.secondIpv4
  const { call, leg } = found
  return ![call.begunAt, leg.callee.flow.local.address].some((one) => isSecond(one) === isSecond(local.address))
}

/** What a SIP host knows of devices. */
export interface SipHost {
  readonly registrar: Registrar
  readonly router: Router
}

/** What a host knows by itself that tells the other one nothing. */
export function hostApart({
  context,
  digest,
  hosts,
  settings,
  services,
}: {
  readonly context: ProviderContext
  readonly digest: DigestServer
  readonly hosts: OwnHosts
  readonly settings: SettingsBook
  readonly services: ServiceHost
}): SipHost {
  const location = new LocationService(context.clock)
  return {
    registrar: new Registrar(context, location, digest, hosts),
    router: new Router({ context, location, hosts, settings, services }),
  }
}
