// Asterisk with chan_pjsip, as an administrator sets it up for telephones behind routers: audio through it, encryption where a telephone offers it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from '../lib/certificates.mjs'
import { command } from '../lib/command.mjs'
import { sipAnswers } from '../lib/probes.mjs'
import { accounts, audio, domain, here, ipv4, runFolder, sipPort, sipsPort } from './layout.mjs'

command({
  folder: runFolder,
  script: join(here, 'run'),
  needed: [
    { executable: 'asterisk', packages: ['asterisk', 'asterisk-core-sounds-en-gsm'] },
    { executable: 'openssl', packages: ['openssl'] },
  ],
  launch: async (servers) => {
    await makeCertificates(runFolder, [domain])
    await servers.start([asterisk(runFolder)])
  },
  ready: `Asterisk for ${domain} on ${ipv4}, port ${sipPort} (UDP, TCP) and ${sipsPort} (TLS)`,
})

function asterisk(folder) {
  const at = (name) => join(folder, name)
  for (const name of ['etc', 'database', 'spool', 'log']) mkdirSync(at(name), { recursive: true })
  for (const [name, text] of Object.entries(files(at))) writeFileSync(join(at('etc'), name), text)
  return {
    name: 'asterisk',
    executable: 'asterisk',
    args: ['-f', '-C', join(at('etc'), 'asterisk.conf')],
    env: { HOME: folder },
    answers: () => sipAnswers({ addresses: [ipv4], sipPort, sipsPort, domain, secure: domain, folder }),
  }
}

const section = (name, settings) =>
  `[${name}]\n${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`

/** Configuration files by name. */
function files(at) {
  const directories = {
    astetcdir: at('etc'),
    astdbdir: at('database'),
    astkeydir: at('database'),
    astspooldir: at('spool'),
    astrundir: at('database'),
    astlogdir: at('log'),
  }
  return {
    'asterisk.conf': section('directories', directories),
    'modules.conf': `[modules]\nautoload=yes\n${unused.map((name) => `noload=${name}.so\n`).join('')}`,
    'logger.conf': '[general]\n[logfiles]\nmessages.log => warning,error\n',
    'rtp.conf': section('general', { rtpstart: audio.first, rtpend: audio.last }),
    'pjsip.conf': pjsip(at),
    'voicemail.conf': `[general]\nformat=gsm\n[default]\n${accounts.map(({ user }) => `${user} => 1234,${user}\n`).join('')}`,
    'extensions.conf': dialplan,
  }
}

/** What is not used here and needs files or programs of its own. */
const unused = [
  'app_voicemail_odbc',
  'app_voicemail_imap',
  'chan_iax2',
  'chan_unistim',
  'chan_mobile',
  'pbx_dundi',
  'pbx_ael',
  'res_hep',
  'res_hep_rtcp',
  'res_hep_pjsip',
  'res_config_ldap',
  'cdr_tds',
  'res_pjsip_transport_websocket',
]

function pjsip(at) {
  const transport = (protocol, port, more = {}) =>
    section(`transport-${protocol}`, { type: 'transport', protocol, bind: `${ipv4}:${port}`, ...more })
  const tls = { cert_file: at('server.pem'), priv_key_file: at('server-key.pem'), method: 'tlsv1_2' }
  const account = ({ user, password }) => [
    section(user, {
      type: 'endpoint',
      context: 'telephones',
      disallow: 'all',
      allow: 'alaw,ulaw',
      auth: user,
      aors: user,
      callerid: `"${user}" <${user}>`,
      mailboxes: `${user}@default`,
      direct_media: 'no',
      rtp_symmetric: 'yes',
      force_rport: 'yes',
      rewrite_contact: 'yes',
      media_encryption: 'sdes',
      media_encryption_optimistic: 'yes',
      // Its address is one of several on loopback: without these, audio comes from another one than it names.
      media_address: ipv4,
      bind_rtp_to_media_address: 'yes',
    }),
    section(user, { type: 'auth', auth_type: 'userpass', username: user, password }),
    section(user, {
      type: 'aor',
      max_contacts: 1,
      remove_existing: 'yes',
      minimum_expiration: 60,
      maximum_expiration: 3600,
    }),
  ]
  return [
    transport('udp', sipPort),
    transport('tcp', sipPort),
    transport('tls', sipsPort, tls),
    ...accounts.flatMap(account),
  ].join('')
}

// 600 sends audio back; 601 sends back keys, two seconds after the last one; 602 is the caller's mailbox.
const dialplan = `[telephones]
exten => _493XXXX,1,Dial(PJSIP/\${EXTEN},60)
 same => n,Hangup()
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Answer()
 same => n(again),Read(KEYS,,20,t(D),1,2)
 same => n,ExecIf($["\${KEYS}"!=""]?SendDTMF(\${KEYS}))
 same => n,Goto(again)
exten => 602,1,Answer()
 same => n,VoiceMailMain(\${CALLERID(num)}@default,s)
`
