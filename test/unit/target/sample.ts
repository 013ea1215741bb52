import { type TargetDocument, type TargetInput, targetOf } from '../../../src/target/target-file.js'

/** A target that has everything a hosted provider publishes, on documentation addresses. */
export function sampleTarget(extra: Partial<TargetInput> = {}): TargetDocument {
  return targetOf({
    name: 'sample',
    domain: 'proxy.example.net',
    endpoints: { udp: { host: 'proxy.example.net' }, tls: { host: 'secure.example.net' } },
    published: {
      signalling: [
        { addresses: ['192.0.2.71', '2001:db8:0:100::71'], udp: ['5060-5061'], tcp: ['5060-5061', '32768-60999'] },
      ],
      relays: [
        { name: 'relay-1', addresses: ['192.0.2.156'], udp: ['10000-65535'] },
        { name: 'relay-2', addresses: ['192.0.2.157'], udp: ['10000-39999'] },
        { name: 'relay-3', addresses: ['192.0.2.157'], udp: ['40000-65535'] },
        { name: 'relays-ipv6', addresses: ['2001:db8:0:300::/56'], udp: ['10000-65535'] },
      ],
    },
    accounts: [
      { user: '000387100001', password: 'one', numbers: ['021123706601'] },
      { user: 'alice.smith', password: 'two' },
      { user: '000387100003', password: 'three', numbers: ['0211987650'], roles: ['trunk'] },
    ],
    services: {
      echo: '00038799999',
      dtmfTest: '00038799998',
      mailbox: { internal: '00038711111', external: '021123706687' },
      codes: {
        mailboxMenu: '*01',
        divertAll: '*40',
        wakeUp: '*55*HHMM#',
        wakeUpCancel: '#55*HHMM#',
        wakeUpQuery: '*#55#',
      },
    },
    limits: { mayDial: ['^0003872'] },
    ...extra,
  })
}
