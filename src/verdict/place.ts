/** Where something is: a scenario on one transport and family, how it is named, and how several stand in order. */
import type { Place } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { distinct } from './texts.js'

export const placeOf = ({ id, variant }: Pick<ScenarioResult, 'id' | 'variant'>): Place => ({
  scenario: id,
  transport: variant.transport,
  family: variant.family,
})

/** The place of a load. */
export const placeOfLoad = (profile: string): Place => ({ scenario: `load/${profile}`, transport: '', family: '' })

/** Each place once, in order. */
export function distinctPlaces(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}

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
