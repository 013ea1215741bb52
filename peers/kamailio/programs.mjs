// The programs, each with its packages, its arguments and configuration, and the question that it must answer.
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as layout from './layout.mjs'
import { dnsAnswers, ntpAnswers, relayAnswers, sipAnswers, stunAnswers, udpAnswers } from '../lib/probes.mjs'

const { ipv4, ipv6, sipPort, sipsPort, domain, secure, relays } = layout
const isRoot = process.getuid?.() === 0

/** Executables that are needed, with the Debian packages that bring them. */
export const needed = [
  { executable: 'kamailio', packages: ['kamailio', 'kamailio-tls-modules', 'kamailio-utils-modules'] },
  { executable: 'rtpengine', packages: ['rtpengine-daemon'] },
  { executable: 'turnserver', packages: ['coturn'] },
  { executable: 'dnsmasq', packages: ['dnsmasq-base'] },
  { executable: 'chronyd', packages: ['chrony'] },
  { executable: 'openssl', packages: ['openssl'] },
  { executable: 'flite', packages: ['flite'] },
]

/** What is started before Kamailio, at once. */
export function surroundings(folder) {
  return [...relays.map(relayProgram), dns(folder), stun(folder), ntp(folder), services()]
}

function relayProgram(relay) {
  return {
    name: relay.name,
    executable: 'rtpengine',
    args: [
      // Without this the packaged configuration is read, and its control port is another rtpengine's.
      '--config-file=none',
      '--foreground',
      '--log-stderr',
      '--log-level=5',
      // No kernel module.
      '--table=-1',
      `--interface=${relay.ipv4}`,
      `--interface=${ipv6}`,
      `--listen-ng=127.0.0.1:${relay.controlPort}`,
      `--port-min=${relay.first}`,
      `--port-max=${relay.last}`,
      // Nothing is relayed once a call has ended.
      '--delete-delay=0',
      // Whoever sends from the address that was signalled is believed first.
      '--endpoint-learning=heuristic',
      '--num-threads=2',
      // Without one, telephone-events that came a little early are scheduled and never sent.
      '--media-num-threads=1',
    ],
    answers: () => relayAnswers(relay),
  }
}

function dns(folder) {
  const config = join(folder, 'dnsmasq.conf')
  const host = (name, ...addresses) => `host-record=${name},${addresses.join(',')}`
  const server = (service, name, port, target = name, priority = 10) =>
    `srv-host=${service}.${name},${target},${port},${priority},10`
  const pointer = (name, preference, services, service) =>
    `naptr-record=${name},10,${preference},s,${services},,${service}.${name}`
  writeFileSync(
    config,
    [
      'no-daemon',
      'no-hosts',
      'no-resolv',
      'no-poll',
      'bind-interfaces',
      `listen-address=${ipv4}`,
      'except-interface=nonexistent',
      `port=${layout.dnsPort}`,
      'local-ttl=60',
      // There is no other zone: everything else does not exist.
      'local=/#/',
      ...(isRoot ? ['user=root', 'group=root'] : []),
      host(domain, ipv4, ipv6),
      host(secure, ipv4, ipv6),
      host(layout.secondName, layout.second),
      host(layout.stunName, ipv4),
      host(layout.ntpName, ipv4),
      pointer(domain, 10, 'SIP+D2U', '_sip._udp'),
      pointer(domain, 20, 'SIP+D2T', '_sip._tcp'),
      pointer(domain, 30, 'SIPS+D2T', '_sips._tcp'),
      pointer(secure, 10, 'SIPS+D2T', '_sips._tcp'),
      server('_sip._udp', domain, sipPort),
      server('_sip._tcp', domain, sipPort),
      server('_sips._tcp', domain, sipsPort),
      server('_sips._tcp', secure, sipsPort),
      server('_sip._udp', domain, sipPort, layout.secondName, 20),
      server('_sip._tcp', domain, sipPort, layout.secondName, 20),
      server('_sips._tcp', domain, sipsPort, layout.secondName, 20),
      server('_sips._tcp', secure, sipsPort, layout.secondName, 20),
      '',
    ].join('\n'),
  )
  return {
    name: 'dns',
    executable: 'dnsmasq',
    args: [`--conf-file=${config}`, '--log-facility=-'],
    answers: () => dnsAnswers({ address: ipv4, port: layout.dnsPort, domain }),
  }
}

function stun(folder) {
  const [port, alternative] = layout.stunPorts
  return {
    name: 'stun',
    executable: 'turnserver',
    args: [
      '-n',
      '--stun-only',
      '--no-tls',
      '--no-dtls',
      '--no-cli',
      '--log-file=stdout',
      '--simple-log',
      `--listening-ip=${ipv4}`,
      `--listening-port=${port}`,
      `--aux-server=${ipv4}:${alternative}`,
      `--userdb=${join(folder, 'turn.db')}`,
      `--pidfile=${join(folder, 'turn.pid')}`,
    ],
    answers: () => stunAnswers({ address: ipv4, ports: layout.stunPorts }),
  }
}

function ntp(folder) {
  const config = join(folder, 'chrony.conf')
  const lines = [`port ${layout.ntpPort}`, `bindaddress ${ipv4}`, 'allow all', 'local stratum 3', 'cmdport 0']
  writeFileSync(config, [...lines, 'bindcmdaddress /', `pidfile ${join(folder, 'chrony.pid')}`, ''].join('\n'))
  return {
    name: 'ntp',
    executable: 'chronyd',
    // -x: the machine's clock is left alone.
    args: ['-d', '-x', ...(isRoot ? ['-u', 'root'] : ['-U']), '-f', config],
    answers: () => ntpAnswers({ address: ipv4, port: layout.ntpPort }),
  }
}

/** Echo, mailbox, announcements, wake-up calls: this project's own, sharing no code with ringproof. */
function services() {
  const { address, port } = layout.services
  return {
    name: 'services',
    executable: process.execPath,
    args: [join(layout.here, '../services/main.mjs')],
    env: { TZ: layout.timezone },
    answers: () => udpAnswers({ address, port }),
  }
}

/**
 * Kamailio itself, started when the relays answer: it gives up those that do not.
 * @param b2bua `{ address, port }` of one that every call is led through
 * @param optionalSrtp plain audio is taken over TLS, too
 */
export function kamailio(folder, { b2bua, optionalSrtp } = {}) {
  const tokens = {
    IPV4_ADDRESS: ipv4,
    SECOND_ADDRESS: layout.second,
    IPV6_ADDRESS: `[${ipv6}]`,
    // How a Via of ours looks, for regular expressions.
    OWN_VIA: [...[ipv4, layout.second].map((one) => one.replaceAll('.', '[.]')), `[[]${ipv6}[]]`]
      .map((host) => `${host}:(${sipPort}|${sipsPort})`)
      .join('|'),
    SIP_PORT: sipPort,
    SIPS_PORT: sipsPort,
    CONTROL_PORT: layout.controlPort,
    SIP_DOMAIN: domain,
    SECURE_DOMAIN: secure,
    ACCOUNT_COUNT: layout.accounts,
    PACED_ACCOUNT: layout.paced.user,
    PACED_CALLS: layout.paced.callsPerSecond,
    TRUNK_STEM: `021156${String(layout.accounts).padStart(4, '0')}`,
    RELAY_SOCKETS: relays.map(({ controlPort }) => `udp:127.0.0.1:${controlPort}`).join(' '),
    MEDIA_FLAGS: 'replace-origin replace-session-connection strict-source',
    // Both that every device knows; rtpengine has a dozen more.
    SUITE_FLAGS: 'SDES-only-AES_CM_128_HMAC_SHA1_80 SDES-only-AES_CM_128_HMAC_SHA1_32',
    TLS_CONFIG: join(folder, 'tls.cfg'),
    SERVICES_ADDRESS: layout.services.address,
    SERVICES_PORT: layout.services.port,
    DIVERSION_NUMBER: layout.diversionTo,
    FIRST_AGENT: layout.agents[0],
    SECOND_AGENT: layout.agents[1],
    ...(b2bua && { B2BUA_ADDRESS: b2bua.address, B2BUA_PORT: b2bua.port }),
  }
  const defines = Object.entries(tokens).map(([name, value]) => `#!substdef "~${name}~${value}~g"\n`)
  writeFileSync(join(folder, 'layout.cfg'), defines.join(''))
  writeFileSync(
    join(folder, 'tls.cfg'),
    [
      '[server:default]',
      // RFC 9325 §3.1.1: nothing below 1.2.
      'method = TLSv1.2+',
      'verify_certificate = no',
      'require_certificate = no',
      `private_key = ${join(folder, 'server-key.pem')}`,
      `certificate = ${join(folder, 'server.pem')}`,
      // Devices have no certificate of their own.
      '[client:default]',
      'method = TLSv1.2+',
      'verify_certificate = no',
      'require_certificate = no',
      '',
    ].join('\n'),
  )
  const config = join(folder, 'kamailio.cfg')
  copyFileSync(join(layout.here, 'kamailio.cfg'), config)
  return {
    name: 'kamailio',
    executable: 'kamailio',
    // In the foreground, with its worker processes, logging to standard error; MiB shared, MiB for each process.
    args: [
      '-DD',
      '-E',
      '-A',
      'WITH_SERVICES',
      ...(b2bua ? ['-A', 'WITH_B2BUA'] : []),
      ...(optionalSrtp ? ['-A', 'WITH_OPTIONAL_SRTP'] : []),
      '-m',
      '512',
      '-M',
      '16',
      '-f',
      config,
      '-w',
      folder,
      '-Y',
      folder,
      '-P',
      join(folder, 'kamailio.pid'),
    ],
    // On both families, over UDP, TCP and TLS with the certificate of this run.
    answers: () => sipAnswers({ addresses: [ipv4, ipv6], sipPort, sipsPort, domain, secure, folder }),
  }
}
