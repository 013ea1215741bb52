import { tryAtProvider } from './phones/at-provider.js'
import { Baresip, lacksBaresip } from './phones/baresip.js'
import { diversion, echo, keypad, leaving, mailbox, mailboxMeanwhile, transfer, wakeUp } from './phones/journeys.js'

tryAtProvider({
  name: 'baresip',
  lacks: lacksBaresip,
  makes: (settings) => new Baresip(settings),
  journeys: [
    ['orders a wake-up call and gets it', wakeUp],
    ['hears itself in the echo test', echo],
    ['is told the keys that it pressed', keypad],
    ['gets a message: lamp, listening, deleting', mailbox],
    ['gets a message that was left while it was off', mailboxMeanwhile],
    ['diverts all calls by a code, and takes it back', diversion],
    ['sends a call on to another phone', transfer],
    ['is gone when it is switched off', leaving],
  ],
})
