/** Whether a scenario can be run many times at once, as load. */
import type { AnyScenario } from './scenario.js'
import { SLOW_SECONDS } from './scenario.js'
import type { Need } from './vocabulary.js'

/** Codes that only announce something. All others change settings of the account, or order something. */
const HARMLESS_CODES: readonly Need[] = ['codes:credit', 'codes:mailboxMenu', 'codes:wakeUpQuery']

/** Why a scenario is not fit for it, after `it`; undefined where it is. */
export function whyNotAsLoad(definition: AnyScenario): string | undefined {
  const why = whyNever(definition)
  if (why !== undefined) return why
  return definition.fitForLoad === true ? undefined : 'is not declared so (fitForLoad)'
}

/** What keeps a scenario from ever being load, whatever its file says. */
export function whyNever({
  provokesBans,
  seconds,
  needs = [],
  devices,
}: Pick<AnyScenario, 'provokesBans' | 'seconds' | 'needs' | 'devices'>): string | undefined {
  if (provokesBans === true) return 'may get this machine banned'
  if (needs.includes('restart')) return "restarts the target's servers"
  if (needs.includes('server-loss')) return 'takes a server of the target away'
  if (seconds > SLOW_SECONDS) return `takes ${seconds} s`
  const changing = needs.find((need) => need.startsWith('codes:') && !HARMLESS_CODES.includes(need))
  if (changing !== undefined) return `changes settings at the target ('${changing}')`
  for (const { role = 'any', isDivertedTo, whose } of Object.values(devices)) {
    if (isDivertedTo === true) return 'needs the one account that diversions lead to'
    if (role !== 'any') return `needs an account of role '${role}', of which there are few`
    if (whose === 'stranger') return 'needs a second address of this machine'
  }
  return undefined
}
