/** A busy lamp: what a telephone shows of a colleague's line, as its notifications tell it (RFC 4235 §4.3). */
import type { Notification } from '../agent/notification.js'
import type { SubscribeOptions, Subscription } from '../agent/subscription.js'
import { DIALOG_INFO, type DialogInfo, type LineState, parseDialogInfo } from '../message/dialog-info.js'
import type { Device } from './device.js'
import { precondition } from './outcome.js'
import type { Breaking } from './rule.js'

type Causes = NonNullable<Breaking['follows']>

/** What else is broken where a lamp stays dark, or lit: rules about that name it in `follows`. */
export const STAYS_DARK_AFTER: Causes = [
  'lamp-not-told',
  'lamp-outside-subscription',
  'lamp-state-missing',
  'lamp-documents-unordered',
]
export const STAYS_LIT_AFTER: Causes = [
  'lamp-outside-subscription',
  'lamp-state-missing',
  'lamp-documents-unordered',
  'cancel-lost',
  'route-lost',
  'ack-lost',
  'hang-up-lost',
]

/** `unknown`: nothing was told yet that can be read. */
export type LampShows = 'dark' | 'ringing' | 'busy' | 'unknown'

/** A notification that says something of the line. */
export interface LampDocument {
  readonly info: DialogInfo
  readonly notification: Notification
}

export class Lamp {
  readonly subscription: Subscription

  constructor(subscription: Subscription) {
    this.subscription = subscription
  }

  get documents(): readonly LampDocument[] {
    return documentsIn(this.subscription.notifications)
  }

  /** What it shows now. */
  shows(): LampShows {
    return shownAfter(this.subscription.notifications)
  }

  /** Does it show one of these now, or come to within so many milliseconds? */
  async becomes(wanted: LampShows | readonly LampShows[], withinMs: number): Promise<boolean> {
    const isWanted = (shown: LampShows) => [wanted].flat().includes(shown)
    if (isWanted(this.shows())) return true
    const { notifications } = this.subscription
    const since = notifications.length
    const came = await this.subscription.notified((one) => {
      const at = notifications.indexOf(one)
      return at >= since && isWanted(shownAfter(notifications.slice(0, at + 1)))
    }, withinMs)
    return came !== undefined
  }
}

/**
 * A device watches the line of another one, and its lamp is dark as the story begins; else the scenario is inconclusive, or
 * unsupported where the target does not serve that (RFC 4235). The line's user name is watched, or its number where the target
 * knows nothing to watch under the name.
 * @param options `mayBeLit`: the line may be in a call by then
 */
export async function watchesLine(
  watcher: Device,
  whom: Device,
  { mayBeLit = false, ...options }: SubscribeOptions & { readonly mayBeLit?: boolean } = {},
): Promise<Lamp> {
  const { account, number } = whom
  const asked = number === account.user ? undefined : await watcher.asksToSubscribe('dialog', account.user, options)
  const isUnknown = asked?.exchange.status === 404
  const isTaken = asked !== undefined && (asked.exchange.status ?? 999) < 300
  const lamp = new Lamp(
    isTaken ? asked.subscription : await watcher.subscribes('dialog', isUnknown ? number : account.user, options),
  )
  await lamp.becomes(['dark', 'ringing', 'busy'], 3_000)
  const last = lamp.subscription.notifications.at(-1)
  precondition(
    last?.subscription?.state !== 'pending',
    `${watcher.name} may not watch ${whom.name} before somebody allows it`,
  )
  const shown = lamp.shows()
  precondition(shown !== 'unknown', `what ${watcher.name} was told of the line cannot be read`)
  precondition(mayBeLit || shown === 'dark', `the lamp shows '${shown}' before the story begins`)
  return lamp
}

/** In the order in which they came. */
export function documentsIn(notifications: readonly Notification[]): LampDocument[] {
  return notifications.flatMap((notification) => {
    const info = notification.contentType === DIALOG_INFO ? parseDialogInfo(notification.body) : undefined
    return info === undefined ? [] : [{ info, notification }]
  })
}

/** What a telephone shows that was told this. */
export function shownAfter(notifications: readonly Notification[]): LampShows {
  const documents = documentsIn(notifications)
  if (documents.length === 0) return 'unknown'
  // A SUBSCRIBE that was forked has several notifiers, each with a table of its own.
  const tables = new Map<string, { version: number; rows: Map<string, LineState> }>()
  for (const { info, notification } of documents) {
    const notifier = notification.request.from.tag ?? ''
    const table = tables.get(notifier) ?? { version: -1, rows: new Map() }
    tables.set(notifier, table)
    const { version = table.version } = info
    if (version < table.version) continue
    table.version = version
    if (info.extent !== 'partial') table.rows.clear()
    for (const { id, state } of info.dialogs) if (state !== undefined) table.rows.set(id, state)
  }
  const states = [...tables.values()].flatMap(({ rows }) => [...rows.values()])
  if (states.includes('confirmed')) return 'busy'
  return states.some((state) => state !== 'terminated') ? 'ringing' : 'dark'
}
