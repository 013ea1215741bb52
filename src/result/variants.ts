/** Transports and address families: their names, their order, several of them in words. */
import { distinct, listed } from './texts.js'

const TRANSPORTS = ['udp', 'tcp', 'tls']
const FAMILIES = ['ipv4', 'ipv6']
const FAMILY_NAMES: Readonly<Record<string, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' }

export const transportName = (transport: string): string => transport.toUpperCase()
export const familyName = (family: string): string => FAMILY_NAMES[family] ?? family

export interface Variant {
  readonly transport: string
  readonly family: string
}

/** Each variant once, in order. */
export function variantsOf(places: readonly Variant[]): Variant[] {
  const all = new Map(places.map(({ transport, family }) => [`${transport}/${family}`, { transport, family }]))
  return [...all.values()].sort(
    (a, b) =>
      TRANSPORTS.indexOf(a.transport) - TRANSPORTS.indexOf(b.transport) ||
      FAMILIES.indexOf(a.family) - FAMILIES.indexOf(b.family),
  )
}

export const transportsOf = (places: readonly Variant[]): string[] =>
  inOrder(
    places.map(({ transport }) => transport),
    TRANSPORTS,
  )

export const familiesOf = (places: readonly Variant[]): string[] =>
  inOrder(
    places.map(({ family }) => family),
    FAMILIES,
  )

const inOrder = (names: readonly string[], order: readonly string[]): string[] =>
  distinct(names).sort((a, b) => order.indexOf(a) - order.indexOf(b))

/** `UDP, TCP and TLS over IPv4 and IPv6`; where not each of those transports has each of those families, one by one. */
export function variantsInWords(variants: readonly Variant[]): string {
  const [transports, families] = [transportsOf(variants), familiesOf(variants)]
  if (variants.length === transports.length * families.length)
    return `${listed(transports.map(transportName))} over ${listed(families.map(familyName))}`
  return listed(
    transports.map((transport) => {
      const own = familiesOf(variants.filter((one) => one.transport === transport))
      return `${transportName(transport)} over ${listed(own.map(familyName))}`
    }),
  )
}
