import { tryAtProvider } from './phones/at-provider.js'
import {
  attendedTransfer,
  diversion,
  echo,
  keypad,
  leaving,
  mailboxMeanwhile,
  transfer,
  wakeUp,
} from './phones/journeys.js'
import { lacksLinphone, Linphone } from './phones/linphone.js'

tryAtProvider({
  name: 'Linphone',
  lacks: lacksLinphone,
  makes: (settings) => new Linphone(settings),
  journeys: [
    ['orders a wake-up call and gets it', wakeUp],
    ['hears itself in the echo test', echo],
    ['is told the keys that it pressed', keypad],
    ['gets a message that was left while it was off', mailboxMeanwhile],
    ['diverts all calls by a code, and takes it back', diversion],
    ['sends a call on to another phone', transfer],
    ['connects two calls with each other', attendedTransfer],
    ['is gone when it is switched off', leaving],
  ],
})
