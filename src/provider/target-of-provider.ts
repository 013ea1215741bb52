/** The provider as a target file describes it. */
import { endsWithin } from './dead-calls.js'
import type { TargetInput } from '../target/target-file.js'
import type { TimerTable } from '../transaction/timers.js'
import { sipAddressesOf } from './addresses.js'
import { COUNTRY_CODE } from './account.js'
import type { ProviderContext } from './context.js'
import { serviceCodes, serviceNumbers } from './dial-plan.js'
import { announcementPrints } from './services/announcement-prints.js'
import { mailboxKeys } from './services/mailbox.js'

/**
 * What a target file for a provider says. `ca`: PEM of the authority of its certificate, absent in memory. `timers`: as they
 * should be, whatever is wrong with them.
 */
export function targetInput(context: ProviderContext, ca: string | undefined, timers: TimerTable): TargetInput {
  const { addresses, families, names, policy, accounts } = context
  const hasIpv4 = families.includes('ipv4')
  const hasIpv6 = families.includes('ipv6')
  const sipAddresses = sipAddressesOf(addresses, families)
  const others = addresses.stun.address
  const ownAddress = (ipv4: string) => addresses.relays.filter((relay) => relay.ipv4 === ipv4).length === 1
  return {
    name: 'embedded',
    description: "ringproof's own provider, in the same process",
    domain: names.domain,
    endpoints: {
      udp: { host: names.domain, port: addresses.sipPort },
      tcp: { host: names.domain, port: addresses.sipPort },
      tls: {
        host: names.secure,
        port: addresses.sipsPort,
        domain: names.secure,
        ...(ca === undefined ? {} : { ca }),
      },
    },
    families: [...families],
    dns: { server: addresses.dns.address, port: addresses.dns.port },
    stun: { host: names.stun, ports: [...addresses.stun.ports] },
    ntp: { host: names.ntp, port: addresses.ntp.port },
    media: {
      codecs: ['PCMA', 'PCMU'],
      dtmfPayloadType: 101,
      srtp: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
      ice: policy.answersIce ? 'lite' : 'none',
      deadCallSeconds: endsWithin(policy.mediaTimeoutMs),
      ...(policy.mikeyKey === undefined ? {} : { mikeyKey: policy.mikeyKey }),
      srtpOn: {
        tls: 'optional',
        ...Object.fromEntries(policy.encryptedOn.map((transport) => [transport, 'required'] as const)),
      },
    },
    promises: 'all',
    published: {
      signalling: [
        {
          addresses: sipAddresses,
          udp: [`${addresses.sipPort}-${addresses.sipsPort}`],
          tcp: [`${addresses.sipPort}-${addresses.sipsPort}`, '32768-60999'],
        },
        { addresses: [others], udp: [...addresses.stun.ports, addresses.dns.port, addresses.ntp.port] },
      ],
      relays: addresses.relays.flatMap(({ name, ipv4, ipv4Ports, ipv6, ipv6Ports }) => [
        // Where relays share one address, their ports tell them apart.
        ...(hasIpv4
          ? [
              {
                name,
                addresses: [ipv4],
                udp: [ownAddress(ipv4) ? '10000-65535' : `${ipv4Ports.first}-${ipv4Ports.last}`],
              },
            ]
          : []),
        ...(hasIpv6
          ? [{ name: `${name}-ipv6`, addresses: [ipv6], udp: [`${ipv6Ports.first}-${ipv6Ports.last}`] }]
          : []),
      ]),
    },
    accounts: accounts.all.map(
      ({ user, authUser, password, displayName, numbers, roles, callsAtATime, callsPerSecond }) => ({
        user,
        password,
        ...(authUser === undefined ? {} : { authUser }),
        ...(displayName === undefined ? {} : { displayName }),
        numbers: [...numbers],
        roles: [...roles],
        ...(callsAtATime === undefined ? {} : { callsAtATime }),
        ...(callsPerSecond === undefined ? {} : { callsPerSecond }),
      }),
    ),
    services: {
      echo: serviceNumbers.echo,
      dtmfTest: serviceNumbers.dtmfTest,
      dtmf: { keys: ['telephone-event', 'info', 'in-band'], tellsBackBy: policy.tellsDigitsBy },
      mailbox: {
        internal: serviceNumbers.mailboxInternal,
        external: serviceNumbers.mailboxExternal,
        keys: { ...mailboxKeys },
      },
      queue: serviceNumbers.queue,
      timezone: policy.timeZone,
      countryCode: COUNTRY_CODE,
      trunkDialledIn: 'P-Called-Party-ID',
      codes: { ...serviceCodes },
      ...(accounts.all[2]?.numbers[0] === undefined ? {} : { diversionTo: accounts.all[2].numbers[0] }),
    },
    policy: {
      sharedCredentials: policy.sharedCredentials,
      registration: { minExpires: policy.minExpires, maxExpires: policy.maxExpires },
    },
    timers: { T1: timers.T1, T2: timers.T2, T4: timers.T4 },
    announcements: announcementPrints(policy.language).map((one) => ({ ...one })),
    launch: 'embedded',
    limits: {
      callsPerSecond: 1000,
      concurrentCalls: 10_000,
      mayFuzz: true,
      mayDial: ['^000387', '^021155', '^(?:\\+490?)?21155'],
    },
  }
}
