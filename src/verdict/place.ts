/** Where something is: a scenario on one transport and family, how it is named, and each place once. */
import type { Place } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'

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
