/** All faults that can be switched on, and what the provider goes by with some of them. */
import type { TimerTable } from '../transaction/timers.js'
import { callSetupFaults } from './faults/call-setup.js'
import { channelFaults } from './faults/channels.js'
import { digestFaults } from './faults/digest.js'
import { dnsFaults } from './faults/dns.js'
import { earlyMediaFaults } from './faults/early-media.js'
import { eventFaults } from './faults/events.js'
import type { FaultEntry } from './faults/fault.js'
import { faxFaults } from './faults/fax.js'
import { hostFaults } from './faults/hosts.js'
import { iceFaults } from './faults/ice.js'
import { identityFaults } from './faults/identity.js'
import { keyLineFaults } from './faults/key-lines.js'
import { keyFaults } from './faults/keys.js'
import { mailboxFaults } from './faults/mailbox.js'
import { mikeyFaults } from './faults/mikey.js'
import { ntpFaults } from './faults/ntp.js'
import { overloadFaults } from './faults/overload.js'
import { proxyFaults } from './faults/proxy.js'
import { registrarFaults } from './faults/registrar.js'
import { dtlsFaults } from './faults/dtls.js'
import { relayFaults } from './faults/relay.js'
import { reliabilityFaults } from './faults/reliability.js'
import { secondCallFaults } from './faults/second-calls.js'
import { serviceFaults } from './faults/service.js'
import { stunFaults } from './faults/stun.js'
import { textFaults } from './faults/texts.js'
import { transactionFaults } from './faults/transaction.js'
import { transportFaults } from './faults/transport.js'
import { overridden, RIGHT_RULES, type Rules } from './rules/rules.js'

/** By the part of the provider that has them. */
const CATALOGUE = {
  registrar: registrarFaults,
  digest: digestFaults,
  transaction: transactionFaults,
  proxy: {
    ...proxyFaults,
    ...callSetupFaults,
    ...earlyMediaFaults,
    ...reliabilityFaults,
    ...faxFaults,
    ...secondCallFaults,
    ...channelFaults,
    ...overloadFaults,
    ...hostFaults,
  },
  identity: identityFaults,
  transport: transportFaults,
  service: { ...serviceFaults, ...keyFaults, ...keyLineFaults, ...mikeyFaults },
  dtls: dtlsFaults,
  mailbox: mailboxFaults,
  events: eventFaults,
  texts: textFaults,
  relay: { ...relayFaults, ...iceFaults },
  stun: stunFaults,
  dns: dnsFaults,
  ntp: ntpFaults,
}

export type FaultPlace = keyof typeof CATALOGUE

type NamesIn<Places> = { [Place in keyof Places]: keyof Places[Place] }[keyof Places]
export type FaultName = NamesIn<typeof CATALOGUE>

/** A fault as it is switched on: everywhere, or, of relays, on one alone: `relay-one-way@relay-3`. */
export type PlantedFault = FaultName | `${FaultName}@${string}`

/** A fault that can be switched on: what goes wrong, in which part, and which test purposes it may turn red. */
export interface Fault {
  readonly name: FaultName
  readonly title: string
  readonly where: FaultPlace
  /** Purposes of the catalogue, as `TX-A`. A fault that turns another one red is itself defective. */
  readonly mayTurnRed: readonly string[]
  /** No scenario shows it. */
  readonly onlyUnderLoad: boolean
}

/** What is broken, with the name of the fault. */
interface NamedEntry extends FaultEntry {
  readonly name: FaultName
  readonly where: FaultPlace
}

const ENTRIES: readonly NamedEntry[] = places().flatMap((where) => entriesOf(where, CATALOGUE[where]))

/** All faults, in the order of the catalogue. */
export const faultCatalogue: readonly Fault[] = ENTRIES.map(({ name, title, where, mayTurnRed, onlyUnderLoad }) => ({
  name,
  title,
  where,
  mayTurnRed,
  onlyUnderLoad: onlyUnderLoad === true,
}))

/** What a provider with these faults goes by. */
export function rulesWith(planted: readonly PlantedFault[]): Rules {
  const rules = entriesNamed(planted).reduce((all, entry) => overridden(all, entry.rules ?? {}), RIGHT_RULES)
  const relays = [...new Set(planted.map((one) => partsOf(one).relay))].filter((relay) => relay !== '')
  return relays.reduce((all, relay) => onOneRelay(all, relay, planted), rules)
}

/** `relay-one-way@relay-3` is the fault `relay-one-way` on the relay `relay-3`; of all relays that is empty. */
export function partsOf(planted: string): { readonly name: string; readonly relay: string } {
  const at = planted.indexOf('@')
  return at < 0 ? { name: planted, relay: '' } : { name: planted.slice(0, at), relay: planted.slice(at + 1) }
}

function onOneRelay(rules: Rules, relay: string, planted: readonly PlantedFault[]): Rules {
  const names = planted.map(partsOf).flatMap((one) => (one.relay === relay ? [one.name] : []))
  const own = ENTRIES.filter(({ name }) => names.includes(name)).map((entry) => entry.rules?.relay ?? {})
  return overridden(rules, { relay: { ofOne: { ...rules.relay.ofOne, [relay]: Object.assign({}, ...own) } } })
}

/** The timers of a stack with these faults. */
export function timersWith(names: readonly PlantedFault[], right: TimerTable): TimerTable {
  return entriesNamed(names).reduce((timers, entry) => ({ ...timers, ...entry.timers?.(right) }), right)
}

/** In the order of the catalogue, so that the order of switching on does not matter. */
function entriesNamed(names: readonly PlantedFault[]): readonly NamedEntry[] {
  return ENTRIES.filter(({ name }) => names.includes(name))
}

function places(): FaultPlace[] {
  return Object.keys(CATALOGUE).filter((name): name is FaultPlace => Object.hasOwn(CATALOGUE, name))
}

function entriesOf(where: FaultPlace, entries: Readonly<Partial<Record<FaultName, FaultEntry>>>): NamedEntry[] {
  return Object.keys(entries)
    .filter((name): name is FaultName => Object.hasOwn(entries, name))
    .flatMap((name) => {
      const entry = entries[name]
      return entry === undefined ? [] : [{ ...entry, name, where }]
    })
}
