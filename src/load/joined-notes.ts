/** What the standing checks of several parts noticed, as what those of one load would have. */
import type { StandingNote } from '../result/finding.js'

/** One note for each thing noticed; how often, and among how many messages, is added up. The first that was seen is shown. */
export function joinedNotes(notes: readonly StandingNote[]): StandingNote[] {
  const joined = new Map<string, StandingNote>()
  for (const note of notes) {
    const key = JSON.stringify([note.id, note.rule, note.method, note.title])
    const known = joined.get(key)
    if (known === undefined) {
      joined.set(key, note)
    } else {
      joined.set(key, {
        ...known,
        count: known.count + note.count,
        ...(known.judged === undefined && note.judged === undefined
          ? {}
          : { judged: (known.judged ?? 0) + (note.judged ?? 0) }),
      })
    }
  }
  return [...joined.values()]
}
