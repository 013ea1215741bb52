// What the services do with a call. Kamailio has looked who calls and what was dialled: docs/peers.md.
import { setTimeout as sleep } from 'node:timers/promises'
import { within } from './failures.mjs'
import { spoken, tone } from './speech.mjs'

/** The keypad test tells keys back when so long none came. */
const KEYS_END_MS = 1_000
const BEFORE_GOODBYE_MS = 300
/** Shorter ones are no messages: a caller who hung up at the tone. */
const LEAST_SAMPLES = 4_000
const LONGEST_MS = 180_000

const says = async (call, text) => call.stream.play(await spoken(text))

/** Says something, and hangs up. */
const announces = (text) => async (call) => {
  await says(call, typeof text === 'string' ? text : text(call))
  await sleep(BEFORE_GOODBYE_MS)
  call.hangUp()
}

/** @returns services by the name that Kamailio calls them by */
export const services = (mailboxes, wakeUps) => ({
  echo: (call) => {
    call.stream.echoes = true
  },
  keys,
  mailbox: (call) => listens(call, mailboxes.of(call.account)),
  deposit: (call) => leaves(call, mailboxes.of(call.account)),
  credit: announces('Your credit is twelve euros and fifty cents.'),
  on: announces('This service has been switched on for your telephone.'),
  off: announces('This service has been switched off for your telephone.'),
  paused: announces('You are paused now. The queue does not ring your telephone.'),
  resumed: announces('You are back now. The queue rings your telephone again.'),
  waiting: announces('All our agents are busy at the moment. Please call again later.'),
  order: announces(({ account, dialled }) => {
    const time = timeIn(dialled)
    if (time === undefined) return 'This is not a time of the day. No wake up call was ordered.'
    wakeUps.order(account, time)
    return `Your wake up call has been ordered for ${aloud(time)}.`
  }),
  cancel: announces(({ account, dialled }) => {
    const time = timeIn(dialled)
    return time !== undefined && wakeUps.cancel(account, time)
      ? `Your wake up call at ${aloud(time)} has been cancelled.`
      : 'There is no such wake up call. Nothing has been cancelled.'
  }),
  orders: announces(({ account }) => {
    const times = wakeUps.ordersOf(account)
    return times.length === 0
      ? 'There are no wake up calls for your telephone.'
      : `You have ordered wake up calls for ${times.map(aloud).join(', and for ')}.`
  }),
})

/** What is said when somebody is woken. */
export const wakes = announces('Good morning. This is your wake up call. Have a nice day.')

/** `*55*0730#`, `#55*0730#` and the like are about `{ hour: 7, minute: 30 }`. */
function timeIn(dialled = '') {
  const [, hour, minute] = /5[56]\*(\d\d)(\d\d)#?$/.exec(dialled) ?? []
  return hour < 24 && minute < 60 ? { hour: Number(hour), minute: Number(minute) } : undefined
}

const aloud = ({ hour, minute }) => `${hour} ${minute}`

async function keys(call) {
  let pressed = ''
  let timer
  const tellsBack = within(call, () => {
    const told = call.stream.press(pressed)
    pressed = ''
    return told
  })
  call.stream.onKey = (key) => {
    pressed += key
    clearTimeout(timer)
    timer = setTimeout(tellsBack, KEYS_END_MS)
  }
  void call.ended.then(() => clearTimeout(timer))
  await says(call, 'Please press some keys.')
}

async function leaves(call, mailbox) {
  await says(call, 'The person you have called is not available. Please leave a message after the tone.')
  await call.stream.play(tone(1000, 300))
  call.stream.recording = []
  const given = setTimeout(() => call.hangUp(), LONGEST_MS)
  await call.ended
  clearTimeout(given)
  if (call.stream.recording.length >= LEAST_SAMPLES) mailbox.add(Int16Array.from(call.stream.recording))
}

/** 1 plays the messages, one after another; 7 deletes the one that was played last, also while it is. */
async function listens(call, mailbox) {
  let playing
  const plays = async (message) => {
    playing = message
    call.stream.stopPlaying()
    if (message === undefined) {
      await says(call, 'There are no more messages.')
      return
    }
    await call.stream.play(message)
    if (playing === message) await says(call, 'To delete this message, press seven. For the next one, press one.')
  }
  call.stream.onKey = within(call, async (key) => {
    if (key === '1') await plays(mailbox.after(playing))
    if (key !== '7' || playing === undefined) return
    mailbox.delete(playing)
    playing = undefined
    call.stream.stopPlaying()
    await says(call, 'The message has been deleted.')
  })
  const { length } = mailbox.messages
  await says(call, `You have ${length === 0 ? 'no' : length} messages. To listen to your messages, press one.`)
}
