/** What each part of the provider goes by. A part reads its own table and knows nothing of faults. */
import { type DigestRules, RIGHT_DIGEST } from './digest.js'
import { type DtlsRules, RIGHT_DTLS } from './dtls.js'
import { type EncryptionRules, RIGHT_ENCRYPTION } from './encryption.js'
import { type EventRules, RIGHT_EVENTS } from './events.js'
import { type IceRules, RIGHT_ICE } from './ice.js'
import { type IdentityRules, RIGHT_IDENTITY } from './identity.js'
import { type MailboxRules, RIGHT_MAILBOX } from './mailbox.js'
import { type DnsRules, type NtpRules, RIGHT_DNS, RIGHT_NTP, RIGHT_STUN, type StunRules } from './names-and-time.js'
import { type ProxyRules, RIGHT_PROXY } from './proxy.js'
import { type RegistrarRules, RIGHT_REGISTRAR } from './registrar.js'
import { type RelayRules, RIGHT_RELAY } from './relay.js'
import { RIGHT_SERVICE, RIGHT_SERVICE_MEDIA, type ServiceMediaRules, type ServiceRules } from './service.js'
import { RIGHT_TEXTS, type TextRules } from './texts.js'
import { RIGHT_TRANSACTIONS, type TransactionRules } from './transactions.js'
import { RIGHT_TRANSPORT, RIGHT_WIRE, type TransportRules, type WireRules } from './transport.js'

export interface Rules {
  readonly registrar: RegistrarRules
  readonly digest: DigestRules
  readonly transactions: TransactionRules
  readonly proxy: ProxyRules
  readonly identity: IdentityRules
  readonly transport: TransportRules
  readonly wire: WireRules
  readonly service: ServiceRules
  readonly serviceMedia: ServiceMediaRules
  readonly mailbox: MailboxRules
  readonly events: EventRules
  readonly texts: TextRules
  readonly encryption: EncryptionRules
  readonly dtls: DtlsRules
  readonly relay: RelayRules
  readonly ice: IceRules
  readonly stun: StunRules
  readonly dns: DnsRules
  readonly ntp: NtpRules
}

/** A provider without faults. */
export const RIGHT_RULES: Rules = {
  registrar: RIGHT_REGISTRAR,
  digest: RIGHT_DIGEST,
  transactions: RIGHT_TRANSACTIONS,
  proxy: RIGHT_PROXY,
  identity: RIGHT_IDENTITY,
  transport: RIGHT_TRANSPORT,
  wire: RIGHT_WIRE,
  service: RIGHT_SERVICE,
  serviceMedia: RIGHT_SERVICE_MEDIA,
  mailbox: RIGHT_MAILBOX,
  events: RIGHT_EVENTS,
  texts: RIGHT_TEXTS,
  encryption: RIGHT_ENCRYPTION,
  dtls: RIGHT_DTLS,
  relay: RIGHT_RELAY,
  ice: RIGHT_ICE,
  stun: RIGHT_STUN,
  dns: RIGHT_DNS,
  ntp: RIGHT_NTP,
}

/** Values that differ, by part. */
export type Overrides = { readonly [Part in keyof Rules]?: Partial<Rules[Part]> }

/** The rules with some values replaced; a part without any stays the same object. */
export function overridden(rules: Rules, overrides: Overrides): Rules {
  const changed = { ...rules }
  const parts: readonly (keyof Rules)[] = [
    'registrar',
    'digest',
    'transactions',
    'proxy',
    'identity',
    'transport',
    'wire',
    'service',
    'serviceMedia',
    'mailbox',
    'events',
    'texts',
    'encryption',
    'dtls',
    'relay',
    'ice',
    'stun',
    'dns',
    'ntp',
  ]
  for (const part of parts) override(changed, part, overrides[part])
  return changed
}

function override<Part extends keyof Rules>(
  rules: { [P in keyof Rules]: Rules[P] },
  part: Part,
  values: Partial<Rules[Part]> | undefined,
): void {
  if (values !== undefined) rules[part] = { ...rules[part], ...values }
}
