/** The texts of all vital signs, for those who ask what one is. */
import { AUDIO, CALL, HANG_UP } from './call.js'
import { ACCOUNT, LOGIN } from './login.js'
import { EVERY_ADDRESS, REACH } from './reach.js'
import { servicesOf, signOf } from './services.js'
import type { SignText } from './sign.js'

/** Stands for a number of the target file. */
const NUMBER = 'its number'

const SERVICES = servicesOf({
  services: {
    echo: NUMBER,
    dtmfTest: NUMBER,
    mailbox: { internal: NUMBER, external: NUMBER },
    codes: { mailboxMenu: NUMBER, credit: NUMBER, wakeUpQuery: NUMBER },
  },
})

/** Those of everyday calls first. */
export const SIGN_TEXTS: readonly SignText[] = [
  REACH,
  EVERY_ADDRESS,
  ACCOUNT,
  LOGIN,
  CALL,
  AUDIO,
  HANG_UP,
  ...SERVICES.map(signOf),
]
