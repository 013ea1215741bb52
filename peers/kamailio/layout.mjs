// Where everything listens, and what it is called. targets/kamailio.yaml says the same to ringproof; a test compares them.
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const here = dirname(fileURLToPath(import.meta.url))
/** Everything of a run; gone after `stop`. The target file names the authority's certificate in it. */
export const runFolder = resolve(here, '../../.cache/kamailio')

// The embedded provider and its doubles have 127.0.0.* to 127.0.7.*, and of [::1] the ports 5060 + n·100 and 12000 to 51999.
export const ipv4 = '127.1.0.71'
/** Of the second server that DNS names. */
export const second = '127.1.0.70'
export const ipv6 = '::1'
export const sipPort = 5070
export const sipsPort = 5071
/** Where Kamailio takes orders. */
export const controlPort = 22155

export const domain = 'proxy.kamailio.test'
export const secure = 'secure.kamailio.test'
export const secondName = 'proxy2.kamailio.test'
export const stunName = 'stun.kamailio.test'
export const ntpName = 'ntp.kamailio.test'

export const dnsPort = 5353
export const stunPorts = [3478, 10000]
export const ntpPort = 11123

/** Accounts 00038720001 and on, and the numbers 0211560001 and on that ring them; the last one is a trunk. */
export const accounts = 60
/** The account that may begin so many calls a second. */
export const paced = { user: '00038720056', callsPerSecond: 2 }

const RELAYS = 5
const FIRST_PORT = 52000
const PORTS = 2700

/** Five relays, each with an IPv4 address of its own; on [::1] they are told apart by their ports. */
export const relays = Array.from({ length: RELAYS }, (_, index) => ({
  name: `relay-${index + 1}`,
  ipv4: `127.1.0.${156 + index}`,
  first: FIRST_PORT + index * PORTS,
  last: FIRST_PORT + (index + 1) * PORTS - 1,
  controlPort: 22156 + index,
}))

/** Echo, mailbox, announcements and wake-up calls: peers/services. Audio on every second port. */
export const services = { address: '127.1.0.75', port: 5078, ports: { first: 20000, last: 29999 } }
/** Where diversions lead. */
export const diversionTo = '0211560003'
/** Accounts of the queue's agents, and the time zone of wake-up calls. */
export const agents = ['00038720057', '00038720058']
export const timezone = 'Europe/Berlin'
