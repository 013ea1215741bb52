import {
  type AnyScenario,
  type DeviceOptions,
  eachIsCalledAlone,
  precondition,
  promised,
  scenario,
  SharedAccount,
  unsupported,
} from 'ringproof'

/** How long the accounts are watched, and how often each is called. */
const WATCHED_MS = 300_000
const CALLED_EVERY_MS = 10_000
/** NATs keep a way open for 30 s at least. Connections stay open by themselves for that long. */
const KEEP_ALIVE = { kind: 'crlf', everyMs: 20_000 } as const

const rules = {
  registrations: promised('BH-10', 'each registration of devices on one account is accepted or refused by the policy', {
    gravity: 'outage',
    cause: 'second-device-refused',
    follows: ['registration-refused'],
    harm: 'A second telephone on an account is {second|not treated as the policy says}.',
  }),
  steady: promised('BH-10', 'at every moment calls reach the devices that the policy keeps, for as long as granted', {
    gravity: 'outage',
    cause: 'registration-flips',
    follows: ['call-not-delivered', 'binding-lost', 'binding-ends-early', 'second-device-refused'],
    harm: 'Telephones flip between registered and not: those that share an account miss calls for up to {deaf|a while}.',
  }),
  displaced: promised('BH-10', 'calls never ring a device besides those that the policy keeps', {
    gravity: 'harm',
    cause: 'binding-not-removed',
    harm: 'Calls ring a telephone that another one of its account has displaced.',
  }),
}

/** Telephones of one account: name, seconds between its registrations, and what else is special. */
type Sharing = readonly (readonly [name: string, everyS: number, options?: DeviceOptions])[]

const TCP: DeviceOptions = { transport: 'tcp' }
const TLS: DeviceOptions = { transport: 'tls' }

function flapping(id: string, title: string, accounts: readonly Sharing[]): AnyScenario {
  const devices: { caller: DeviceOptions } & Record<string, DeviceOptions> = { caller: { audio: false } }
  for (const sharing of accounts) {
    for (const [name, , options] of sharing) {
      const first = sharing[0]?.[0] ?? name
      const shares = name === first ? {} : { sharesAccountOf: first }
      const way = options ?? { transport: 'udp', keepAlive: KEEP_ALIVE }
      devices[name] = { audio: false, ...way, ...shares }
    }
  }
  return scenario({
    id,
    title,
    area: 'flapping',
    purposes: ['FLAP', 'REG-SHARED'],
    provider: ['BH-10'],
    rules,
    devices,
    needs: ['shared-credentials'],
    reliesOn: 'call',
    seconds: WATCHED_MS / 1000 + 60,
    harm: 'Customers with several telephones on one account miss calls, or get them on the wrong one.',
    advice:
      'The picture shows which telephone could be called when. Look at what the registrar keeps of the time of a binding when another device registers, and at the limit of contacts for an account (Kamailio, OpenSIPS: max_contacts of the registrar module; Asterisk: max_contacts and remove_existing of the AOR). Customers with several telephones need an account for each.',
    async run({ target, clock, expect, figure, shows, waits, within, caller, ...phones }) {
      const policy = target.document.policy.sharedCredentials
      precondition(policy, 'the target file does not say what becomes of a second device (policy.sharedCredentials)')
      await caller.registers()
      const sharers = accounts.map((sharing) =>
        sharing.flatMap(([name, everyS]) => {
          const device = phones[name]
          return device === undefined ? [] : [{ device, everyS }]
        }),
      )
      const devices = sharers.flat().map(({ device }) => device)
      for (const device of devices) device.rejects(486)
      await eachIsCalledAlone(devices, { caller, within })
      const shared = sharers.map((some) => new SharedAccount(some, policy, clock))
      const endsAt = clock.now() + WATCHED_MS
      let calledAt = clock.now() + CALLED_EVERY_MS / 2
      while (clock.now() < endsAt) {
        const nextAt = Math.min(calledAt, ...shared.map((account) => account.nextAt))
        await waits(Math.max(0, nextAt - clock.now()))
        for (const account of shared) if (account.nextAt <= clock.now()) await account.registersNext()
        if (calledAt > clock.now()) continue
        for (const account of shared) await account.isCalledBy(caller)
        calledAt = Math.max(calledAt + CALLED_EVERY_MS, clock.now() + 1_000)
      }
      shows(SharedAccount.timeline('Devices that share an account: who could be called when', shared))
      shows(SharedAccount.table(`What sharing an account costs (policy: ${policy})`, shared))
      figure('deaf', `${Math.max(...shared.map(({ longestMissedS }) => longestMissedS))} s`)
      if (policy !== 'refuse') figure('second', 'refused')
      const all = (what: 'answeredWrongly' | 'missed' | 'extra') => shared.flatMap((account) => account[what])
      if (policy === 'fork' && shared.some(({ size }) => size > 2) && all('answeredWrongly').length > 0)
        unsupported('the account takes fewer devices at a time than registered')
      const seen = caller.says('INVITE').last
      expect('registrations', all('answeredWrongly')).toBeEmpty()
      expect('steady', all('missed'), { seen }).toBeEmpty()
      expect('displaced', all('extra'), { seen }).toBeEmpty()
    },
  })
}

export default [
  flapping(
    'flapping/equal-intervals',
    'Two devices that renew one account at equal intervals are called as the policy says, for five minutes',
    [
      [
        ['desk', 60],
        ['mobile', 60],
      ],
    ],
  ),
  flapping(
    'flapping/unequal-intervals',
    'Two devices that renew one account over UDP and TLS at different intervals are called as the policy says',
    [
      [
        ['desk', 60],
        ['mobile', 85, TLS],
      ],
    ],
  ),
  flapping(
    'flapping/five-devices',
    'Five devices that renew one account over UDP, TCP and TLS are called as the policy says, for five minutes',
    [
      [
        ['desk', 60],
        ['mobile', 75, TLS],
        ['kitchen', 90],
        ['office', 105, TCP],
        ['gate', 120],
      ],
    ],
  ),
  flapping(
    'flapping/two-accounts',
    'Two accounts, each shared by two devices over UDP, are called as the policy says and leave each other alone',
    [
      [
        ['desk', 60],
        ['mobile', 75],
      ],
      [
        ['kitchen', 65],
        ['office', 80],
      ],
    ],
  ),
]
