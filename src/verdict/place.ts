/** Where something showed: executions of scenarios, by transport and family. */
import type { Place, ScenarioResult } from '../result/result.js'

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
