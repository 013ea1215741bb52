// The services behind Kamailio: echo, keypad test, announcements, mailbox with its light, wake-up calls. Stops with SIGTERM.
import * as layout from '../kamailio/layout.mjs'
import { Mailboxes } from './mailboxes.mjs'
import { MessageWaiting } from './message-waiting.mjs'
import { services, wakes } from './services.mjs'
import { Switchboard } from './switchboard.mjs'
import { WakeUps } from './wake-ups.mjs'

const { address, port, ports } = layout.services
const front = { address: layout.ipv4, port: layout.sipPort, domain: layout.domain }
const mailboxes = new Mailboxes((account) => lights.changed(account))
const wakeUps = new WakeUps(async (account) => {
  const call = await switchboard.calls(account, 'wake-up')
  if (call) await wakes(call)
})
const named = services(mailboxes, wakeUps)
const switchboard = new Switchboard({
  address,
  port,
  ports,
  front,
  serves: (name) => (Object.hasOwn(named, name) ? named[name] : undefined),
  subscribes: (request, transaction) => lights.take(request, transaction),
})
const lights = new MessageWaiting(switchboard.endpoint, mailboxes, front)

await switchboard.listen()
wakeUps.start()
