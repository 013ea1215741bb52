/** Mistakes that only a scenario's author can correct: they are errors of the scenario, and say nothing about the target. */

/** A mistake in a scenario's file: what is wrong, and what to write instead. Its stack has the line. */
export class ScenarioMistake extends Error {
  override readonly name = 'ScenarioMistake'
  /** Where it stands in its file, where no stack tells. */
  readonly place: { readonly line?: number; readonly column?: number }

  constructor(message: string, place: ScenarioMistake['place'] = {}) {
    super(message)
    this.place = place
  }
}
