/** Facts for people: a line each, with how it was learned. */
import type { Fact } from '../result/survey-result.js'
import type { Facts } from '../scenario/facts.js'
import { formatEndpoint } from '../transport/network.js'

export function factLines(facts: Facts): Fact[] {
  return [
    ...about(facts),
    ...Object.entries(facts.paths).map(([key, path]) => roundTrip(key, path)),
    ...Object.entries(facts.srtp).map(([transport, stance]) => encryption(transport, stance)),
    ...registration(facts),
    ...Object.entries(facts.seenAs).map(([key, place]) => seenAs(key, place)),
    ...served(facts.serves),
    ...calls(facts),
  ]
}

const line = (id: string, label: string, value: string, how: string): Fact => ({ id, label, value, how })

function about({ software, role }: Facts): Fact[] {
  const how = 'Call-ID, tags and Via of an INVITE, compared at both ends'
  return [
    ...(software.length > 0
      ? [line('software', 'Software', software.join(', '), 'Server and User-Agent of its answers')]
      : []),
    ...(role ? [line('role', 'Kind of server', role === 'proxy' ? 'proxy' : 'back-to-back user agent', how)] : []),
  ]
}

function roundTrip(key: string, { roundTripMs, jitterMs, loss, samples }: Facts['paths'][string]): Fact {
  const ms = (value: number) => (value < 10 ? value.toFixed(1) : String(Math.round(value)))
  const lost = loss > 0 ? `, ${Math.round(1000 * loss) / 10} % sent again` : ''
  const where = placeOf(key)
  return {
    ...line(
      'round-trip',
      'Round trip',
      `${ms(roundTripMs)} ms (varies by ${ms(jitterMs)} ms${lost})`,
      `${samples} requests and their answers`,
    ),
    ms: Number(roundTripMs.toPrecision(4)),
    ...where,
  }
}

const STANCES = {
  required: 'required (plain audio is rejected)',
  taken: 'accepted',
  refused: 'rejected',
} as const

function encryption(transport: string, stance: Facts['srtp'][string]): Fact {
  return { ...line('srtp', 'SRTP', STANCES[stance], 'calls with and without RTP/SAVP'), transport }
}

function registration({ registration: told, listsContacts, algorithms }: Facts): Fact[] {
  const how = 'the 200 to REGISTER'
  const words = told && [
    told.granted === undefined ? `${told.asked} s asked for` : `${told.granted} s granted of ${told.asked} s`,
    ...(told.minimum === undefined ? [] : [`${told.minimum} s at least`]),
  ]
  return [
    ...(words
      ? [line('registration', 'Registration', words.join(', '), 'REGISTER with a long and a short interval')]
      : []),
    ...(listsContacts
      ? [
          line(
            'contacts-listed',
            'Contacts in its answers',
            listsContacts === 'not' ? 'not listed' : listsContacts,
            how,
          ),
        ]
      : []),
    ...(algorithms.length > 0
      ? [line('algorithms', 'Log-in algorithms', algorithms.join(', '), 'challenges, in their order')]
      : []),
  ]
}

function seenAs(key: string, { address, port, nat }: Facts['seenAs'][string]): Fact {
  const where = placeOf(key)
  const place = port === undefined ? address : formatEndpoint({ address, port })
  return {
    ...line(
      'seen-as',
      'This machine, as the server sees it',
      `${place}, ${nat ? 'behind a NAT' : 'no NAT'}`,
      'received and rport in Via',
    ),
    ...where,
  }
}

function served(serves: Facts['serves']): Fact[] {
  const all = [
    ['serves-options', 'OPTIONS', serves.options],
    ['serves-register-query', 'REGISTER without Contact', serves.registerQuery],
    ['serves-late-offer', 'INVITE without session description', serves.lateOffer],
  ] as const
  return all.flatMap(([id, label, is]) =>
    is === undefined ? [] : [line(id, label, is ? 'served' : 'not served', 'one such request')],
  )
}

function calls({ rewritesContacts, echo, sessionTimers }: Facts): Fact[] {
  const timers = sessionTimers && [
    ...(sessionTimers.expiresS === undefined ? [] : [`refreshed within ${sessionTimers.expiresS} s`]),
    ...(sessionTimers.minimumS === undefined ? [] : [`${sessionTimers.minimumS} s at least`]),
  ]
  const passed = rewritesContacts ? 'rewritten' : 'passed on as they are'
  return [
    ...(rewritesContacts === undefined
      ? []
      : [line('contacts-rewritten', 'Contacts of callers', passed, 'the Contact of an INVITE at the called end')]),
    ...(timers
      ? [line('session-timers', 'Session timers', timers.join(', '), 'Session-Expires and Min-SE of calls')]
      : []),
    ...(echo ? [line('echo', 'Echo test', echoWords(echo), 'a call to it')] : []),
  ]
}

function echoWords({ firstEchoMs, delayMs }: NonNullable<Facts['echo']>): string {
  const begins = firstEchoMs < 500 ? 'at once' : `${(firstEchoMs / 1000).toFixed(1)} s after the answer`
  return `echoes ${begins}, with a delay of ${Math.round(delayMs)} ms`
}

function placeOf(key: string): { transport: string; family: string } {
  const [transport = '', family = ''] = key.split('/')
  return { transport, family }
}
