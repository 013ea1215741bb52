/** What each service number does. */
import type { ProviderAccount } from '../account.js'
import type { ProviderContext } from '../context.js'
import type { ServiceName } from '../dial-plan.js'
import type { AccountSettings, SettingsBook } from '../settings.js'
import { announce, type Behaviour, busyTone, dtmfTest, echo } from './behaviour.js'
import type { TimeOfDay } from './local-time.js'
import { mailboxDeposit, mailboxMenu } from './mailbox.js'
import type { MailboxBook } from './mailbox-book.js'
import type { WakeUpBook } from './wake-up.js'

/** Cents that every account has. */
const CREDIT = '4217'

interface Wish {
  readonly settings: SettingsBook
  readonly wakeUps: WakeUpBook
  readonly mailboxes: MailboxBook
  readonly context: ProviderContext
  /** Who dialled: a code acts on the connection that dials it. Of a mailbox that takes a call: its owner. */
  readonly account: ProviderAccount
  readonly time: TimeOfDay | undefined
}

/** Carries out what was dialled, and says how the call goes on. */
export function behaviourOf(service: ServiceName, wish: Wish): Behaviour {
  const { context, wakeUps, mailboxes, account } = wish
  const settings = wish.settings.of(account.user)
  const toggle = (name: keyof AccountSettings): Behaviour => {
    if (context.rules.service.codesTakeEffect) settings[name] = !settings[name]
    return announce(context, settings[name] ? 'switchedOn' : 'switchedOff')
  }
  switch (service) {
    case 'echo':
      return echo(context)
    case 'dtmfTest':
      return dtmfTest(context)
    case 'mailboxMenu':
    case 'mailboxDeposit': {
      if (context.rules.service.mailboxSays === 'busy tone') return busyTone()
      return service === 'mailboxMenu'
        ? mailboxMenu(context, mailboxes, account)
        : mailboxDeposit(context, mailboxes, account)
    }
    case 'credit':
      return announce(context, 'credit', { digits: CREDIT, earlyMedia: true })
    case 'callerId':
      return toggle('callerId')
    case 'mailbox':
      return toggle('mailbox')
    case 'chargeAnnouncement':
      return toggle('chargeAnnouncement')
    case 'divertNoAnswer':
      return toggle('divertNoAnswer')
    case 'divertBusy':
      return toggle('divertBusy')
    case 'divertNotReachable':
      return toggle('divertNotReachable')
    case 'divertAll':
      return toggle('divertAll')
    case 'queuePause':
      settings.queuePaused = context.rules.service.codesTakeEffect
      return announce(context, 'queuePaused')
    case 'queueResume':
      settings.queuePaused = false
      return announce(context, 'queueResumed')
    case 'wakeUp':
      if (wish.time !== undefined) wakeUps.order(account, wish.time)
      return announce(context, 'wakeUpSet')
    case 'wakeUpCancel': {
      const was = wish.time !== undefined && wakeUps.cancel(account, wish.time)
      return announce(context, was ? 'wakeUpCancelled' : 'wakeUpNone')
    }
    case 'wakeUpQuery': {
      const times = wakeUps.of(account)
      return announce(context, times.length > 0 ? 'wakeUpList' : 'wakeUpNone', { digits: times.join('') })
    }
    default:
      return service satisfies never
  }
}
