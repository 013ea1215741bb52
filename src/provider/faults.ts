import { catalogue } from './fault-catalogue.js'

export type FaultPlace = keyof typeof catalogue

type NamesIn<Places> = { [Place in keyof Places]: keyof Places[Place] }[keyof Places]
export type FaultName = NamesIn<typeof catalogue>

/** A defect that can be switched on: what goes wrong, in which part, and which test purposes it may turn red. */
export interface Fault {
  readonly name: FaultName
  readonly title: string
  readonly where: FaultPlace
  /** Purposes of the catalogue, as `TX-A`. A fault that turns another one red is itself defective. */
  readonly mayTurnRed: readonly string[]
}

/** All defects, in the order of the catalogue. */
export const faultCatalogue: readonly Fault[] = places().flatMap((where) => faultsOf(where, catalogue[where]))

/** The defects that are switched on. */
export class Faults {
  readonly #on: ReadonlySet<FaultName>

  constructor(names: Iterable<FaultName> = []) {
    this.#on = new Set(names)
  }

  has(name: FaultName): boolean {
    return this.#on.has(name)
  }

  names(): FaultName[] {
    return [...this.#on]
  }
}

function places(): FaultPlace[] {
  return Object.keys(catalogue).filter((name): name is FaultPlace => Object.hasOwn(catalogue, name))
}

type Entries = Readonly<Partial<Record<FaultName, readonly [title: string, mayTurnRed: readonly string[]]>>>

function faultsOf(where: FaultPlace, entries: Entries): Fault[] {
  return Object.keys(entries)
    .filter((name): name is FaultName => Object.hasOwn(entries, name))
    .flatMap((name) => {
      const entry = entries[name]
      return entry === undefined ? [] : [{ name, title: entry[0], where, mayTurnRed: entry[1] }]
    })
}
