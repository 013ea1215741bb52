/** Where something showed: on which transports, families and relays, beside those where it did not. */
import type { Finding } from '../result/finding.js'
import type { Breakage } from './breakage.js'
import type { Execution } from './executions.js'
import {
  familiesOf,
  familyName,
  transportName,
  transportsOf,
  type Variant,
  variantsInWords,
  variantsOf,
} from '../result/variants.js'
import { distinct, listed } from '../result/texts.js'

/** Causes about audio: only for them a relay can be the place. */
export const OF_AUDIO: ReadonlySet<string> = new Set([
  'no-audio',
  'audio-lost',
  'audio-late',
  'audio-uneven',
  'audio-begins-late',
  'audio-ends-early',
  'audio-altered',
  'wrong-audio',
  'audio-after-hang-up',
  'audio-source-differs',
  'nat-source-ignored',
  'media-redirected',
  'address-family-wrong',
  'rtcp-missing',
  'relay-unpublished',
  'keypad-lost',
  'key-reused',
  'encryption-dropped',
  'srtp-not-authenticated',
  'srtp-rollover-lost',
])

/** UDP, TCP and TLS. */
const TRANSPORTS = 3
/** A relay that is named must have been seen to fail so often, and others to do well. */
const ENOUGH = 2

type Where = NonNullable<Finding['where']>

/**
 * @param executions of the rules that broke
 * @returns undefined where nothing is known of the place, such as of notes in one scenario
 */
export function whereOf(
  cause: string,
  breakages: readonly Breakage[],
  executions: readonly Execution[],
): Where | undefined {
  const accounts = distinct(breakages.flatMap(({ account }) => account ?? []))
  // A load has found out by itself whether it is the relay.
  const isToldByLoad = breakages.some(({ kind, relays = [] }) => kind === 'load' && relays.length > 0)
  const relays = OF_AUDIO.has(cause) || isToldByLoad ? relaysOf(breakages, executions) : undefined
  const lines = spreadOf(breakages, executions)
  // Which lines a relay's calls came over is chance, where it is no transport or family as a whole.
  const spread = relays !== undefined && lines?.isScattered === true ? undefined : lines
  const parts = [
    accounts.length > 0 ? `${accounts.length === 1 ? 'account' : 'accounts'} ${listed(accounts)}` : '',
    spread?.text ?? '',
    relays === undefined ? '' : `only through ${listed(relays)}`,
  ].filter((part) => part !== '')
  if (parts.length === 0) return undefined
  return {
    ...(spread?.transports ? { transports: spread.transports } : {}),
    ...(spread?.families ? { families: spread.families } : {}),
    ...(relays === undefined ? {} : { relays }),
    ...(accounts.length > 0 ? { accounts } : {}),
    text: parts.join(', '),
  }
}

interface Spread {
  /** No transport or family as a whole: others within the same ones were spared. */
  readonly isScattered?: true
  readonly transports?: string[]
  readonly families?: string[]
  readonly text: string
}

/** Over transports and families. A variant counts as spared where the same rules were looked at and all held. */
function spreadOf(breakages: readonly Breakage[], executions: readonly Execution[]): Spread | undefined {
  const broke = variantsOf(breakages.map(({ place }) => place).filter(({ transport }) => transport !== ''))
  if (broke.length === 0) return undefined
  const spared = variantsOf(executions.filter(({ held }) => held)).filter(
    (one) => !broke.some((other) => same(one, other)),
  )
  const all = [...broke, ...spared]
  const [transports, families] = [transportsOf(broke), familiesOf(broke)]
  const [ofTransports, ofFamilies] = [transportsOf(all), familiesOf(all)]
  if (spared.length === 0) {
    // Of one transport alone it would say where the rule is tested, not where it shows.
    if (ofTransports.length === TRANSPORTS) return { text: 'on all transports' }
    // Another one was not tested, or not with this.
    if (ofTransports.length > 1) return { text: `on ${listed(transports.map(transportName))}` }
    return ofFamilies.length > 1 ? { text: `over ${listed(families.map(familyName))}` } : undefined
  }
  // What is spared within the same transports and families cannot be told by naming those.
  const isBlock = !spared.some(({ transport, family }) => transports.includes(transport) && families.includes(family))
  if (!isBlock) {
    const names = broke.map((one) => `${transportName(one.transport)} over ${familyName(one.family)}`)
    return {
      isScattered: true,
      transports,
      families,
      text: broke.length <= 3 ? `only on ${listed(names)}` : `on all but ${variantsInWords(spared)}`,
    }
  }
  const partly = transports.length < ofTransports.length
  const byFamily = families.length < ofFamilies.length
  const text = [
    partly ? `on ${listed(transports.map(transportName))}` : '',
    byFamily ? `over ${listed(families.map(familyName))}` : '',
  ].filter((part) => part !== '')
  return {
    ...(partly ? { transports } : {}),
    ...(byFamily ? { families } : {}),
    text: `only ${text.join(' ')}`,
  }
}

const same = (a: Variant, b: Variant) => a.transport === b.transport && a.family === b.family

/** Relays that all executions with the trouble went through, and none without. */
function relaysOf(breakages: readonly Breakage[], executions: readonly Execution[]): string[] | undefined {
  const loaded = breakages.filter(({ kind, relays = [] }) => kind === 'load' && relays.length > 0)
  if (loaded.length > 0) return relaysUnderLoad(loaded)
  const broke = breakages.filter(({ relays = [] }) => relays.length > 0)
  const held = executions.filter((one) => one.held && one.relays.length > 0)
  if (broke.length < ENOUGH || held.length < ENOUGH) return undefined
  const well = new Set(held.flatMap(({ relays }) => relays))
  const suspects = distinct(broke.flatMap(({ relays = [] }) => relays)).filter((relay) => !well.has(relay))
  const isExplained = broke.every(({ relays = [] }) => relays.some((relay) => suspects.includes(relay)))
  return suspects.length > 0 && isExplained ? suspects : undefined
}

/** A load tells each relay apart; where all were alike there is nothing to name. */
function relaysUnderLoad(loaded: readonly Breakage[]): string[] | undefined {
  const partly = loaded.filter(({ ofRelays = 0, relays = [] }) => relays.length < ofRelays)
  return partly.length === 0 ? undefined : distinct(partly.flatMap(({ relays = [] }) => relays))
}
