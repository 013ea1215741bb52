/**
 * What a target file may say: its schema, from which schema/target.schema.json is written.
 * Longer than 400 lines: it is one schema, read from top to bottom.
 */
import { checkRange, dialTemplate, eachOfRanges, entryOf, LARGEST_NUMBER } from './account-range.js'
import { ROW } from './promises.js'
import { z } from 'zod'
import { compileDialPattern } from './dial-pattern.js'
import { parseIp, parseIpRange, parseSocketAddress } from './ip-address.js'
import { checkRelays, parsePortRange, portRangePattern } from './published-ports.js'

/** The words of a service code in `services.codes`, each with the provider row that it belongs to. */
export const serviceCodeNames = {
  mailboxMenu: 'SC-5',
  credit: 'SC-6',
  callerId: 'SC-7',
  mailbox: 'SC-8',
  chargeAnnouncement: 'SC-9',
  divertNoAnswer: 'SC-10',
  divertBusy: 'SC-11',
  divertNotReachable: 'SC-12',
  queuePause: 'SC-13',
  queueResume: 'SC-13',
  divertAll: 'SC-14',
  wakeUp: 'SC-15',
  wakeUpCancel: 'SC-16',
  wakeUpQuery: 'SC-17',
} as const

/** SRTP suites that ringproof speaks, by their names in SDP (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1). */
export const srtpSuites = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
] as const

const hostPattern =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$/
const dialPattern = /^[0-9A-Za-z*#+._-]+$/
const depositPattern = /^[0-9A-Za-z*#+._-]*\{(?:user|number)\}[0-9A-Za-z*#+._-]*$/
const codePattern = /^[0-9*#]+(?:HHMM[0-9*#]*)?$/

/** A metric of k6, with tags or without. */
const METRIC = /^[A-Za-z_]\w*(?:\{[^{}]+\})?$/
/** A threshold of k6: what is aggregated, how it compares, with what. */
const CONDITION =
  /^\s*(?:avg|min|max|med|count|rate|value|p\(\d+(?:\.\d+)?\))\s*(?:<=|>=|<|>|===|==|!=)\s*-?\d+(?:\.\d+)?\s*$/

const text = z.string().min(1)
const host = text
  .refine((value) => hostPattern.test(value) || parseIp(value) !== undefined, {
    error: 'expected a host name or an IP address, without port and scheme',
  })
  // The one form that the rest of the code knows: IPv6 without brackets, names without the dot of the root.
  .transform((value) => (value.startsWith('[') ? value.slice(1, -1) : value.replace(/\.$/, '')))
const ipAddress = text.refine((value) => parseIp(value) !== undefined, { error: 'expected an IP address' })
const addressRange = text.refine((value) => parseIpRange(value) !== undefined, {
  error: 'expected an IP address, or a range of them such as 192.0.2.0/24 or 2001:db8::/56',
})
const socketAddress = text.refine((value) => parseSocketAddress(value) !== undefined, {
  error: 'expected an IP address with its port, such as 127.0.0.1:2223 or "[2001:db8::1]:2223"',
})
const port = z.int().min(1).max(65535)
const portRange = z
  .union([port, z.string().regex(portRangePattern)], { error: portRangeError })
  .refine((value) => parsePortRange(value) !== undefined, { error: portRangeError })
const dialString = text.regex(dialPattern, {
  error: 'expected a number or name as dialled: digits, letters, * # + . _ - without spaces',
})
const keys = z.string().regex(/^[0-9*#]{1,16}$/, { error: 'expected keys of the keypad: digits, * and #' })
const regularExpression = text.superRefine((value, context) => {
  const problem = patternProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: value })
})

function portRangeError(): string {
  return 'expected a port from 1 to 65535, or a range of ports such as 10000-65535'
}

const serviceCode = (name: keyof typeof serviceCodeNames) =>
  z
    .string()
    .regex(codePattern, { error: 'expected the code as dialled: digits, * and #, with HHMM where a time goes' })
    .optional()
    .describe(`${serviceCodeNames[name]}, as it is dialled`)

const codesSchema = z.strictObject({
  mailboxMenu: serviceCode('mailboxMenu'),
  credit: serviceCode('credit'),
  callerId: serviceCode('callerId'),
  mailbox: serviceCode('mailbox'),
  chargeAnnouncement: serviceCode('chargeAnnouncement'),
  divertNoAnswer: serviceCode('divertNoAnswer'),
  divertBusy: serviceCode('divertBusy'),
  divertNotReachable: serviceCode('divertNotReachable'),
  queuePause: serviceCode('queuePause'),
  queueResume: serviceCode('queueResume'),
  divertAll: serviceCode('divertAll'),
  wakeUp: serviceCode('wakeUp'),
  wakeUpCancel: serviceCode('wakeUpCancel'),
  wakeUpQuery: serviceCode('wakeUpQuery'),
})

/** What goes into one header field, or was read from a file or variable with its line end. */
const line = (schema: z.ZodString) =>
  schema.refine((value) => !/\p{Cc}/u.test(value), {
    error: 'expected a text without line ends and other control characters',
  })

const dtmfSchema = z.strictObject({
  keys: z
    .array(z.enum(['telephone-event', 'info', 'in-band']))
    .min(1)
    .optional()
    .describe(
      'how it takes keys: RFC 4733, SIP INFO, tones in the audio. Left out: the first, and INFO where it is not refused',
    ),
  tellsBackBy: z
    .enum(['telephone-events', 'tones', 'speech'])
    .optional()
    .describe(
      'how it tells back the keys that it has heard; speech: the digits one by one and nothing else. Left out: whatever is heard counts',
    ),
})

const srtpPolicy = z.enum(['required', 'optional', 'none'])

const accountSchema = z
  .strictObject({
    user: line(text).describe('user part of the address-of-record'),
    password: line(z.string()).optional().describe('taken from the environment: ${NAME}'),
    passwordFile: text.optional().describe('file with the password in its first line, relative to the target file'),
    authUser: line(text).optional().describe('user name of digest authentication; default: user'),
    displayName: line(z.string()).optional(),
    numbers: z
      .array(
        text.regex(dialTemplate, {
          error: 'expected a number or name as dialled: digits, letters, * # + . _ - without spaces',
        }),
      )
      .default([])
      .describe('numbers that ring this account'),
    from: z.int().min(0).max(LARGEST_NUMBER).optional().describe('with `to`: this entry is an account for each number'),
    to: z
      .int()
      .min(0)
      .max(LARGEST_NUMBER)
      .optional()
      .describe('{n} in its texts is the number, {n:6} the number with six digits at least'),
    roles: z
      .array(z.enum(['any', 'trunk', 'queue-agent', 'wake-up', 'limited', 'paced']))
      .min(1)
      .default(['any'])
      .describe('which scenarios may use it'),
    callsAtATime: z
      .int()
      .min(1)
      .optional()
      .describe(
        'how many calls, in and out, the target lets this account have at a time; tested with the role limited',
      ),
    callsPerSecond: z
      .int()
      .min(1)
      .optional()
      .describe('how many calls a second the target lets this account begin; tested with the role paced'),
  })
  .refine((account) => (account.password === undefined) !== (account.passwordFile === undefined), {
    error: "expected either 'password' or 'passwordFile'",
    path: ['password'],
  })
  .refine(({ roles, callsAtATime }) => callsAtATime !== undefined || !roles.includes('limited'), {
    error: "expected how many calls an account of the role 'limited' may have at a time",
    path: ['callsAtATime'],
  })
  .refine(({ roles, callsPerSecond }) => callsPerSecond !== undefined || !roles.includes('paced'), {
    error: "expected how many calls a second an account of the role 'paced' may begin",
    path: ['callsPerSecond'],
  })
  .superRefine(checkRange)
  // A password from a file is put in when the target file is loaded.
  .transform((account) => ({ ...account, password: account.password ?? '' }))

const addressesSchema = z.array(addressRange).min(1)
const portsSchema = z.array(portRange).min(1)
const controlSchema = z
  .strictObject({
    rtpengine: socketAddress.describe('address and port of its ng protocol (`listen-ng`), without a name to look up'),
  })
  .optional()
  .describe(
    'where the relay may be asked for its own counters: before and after a load `statistics` is sent there, and nothing else',
  )

const NO_SUITE =
  'expected suites in media.srtp, such as [AES_CM_128_HMAC_SHA1_80]: calls that have to be encrypted need one'

/** The schema of a target file, after `${NAME}` has been replaced. Unknown fields are refused. */
export const targetSchema = z
  .strictObject({
    name: text.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      error: 'expected a short name of letters, digits, dots and hyphens: reports are filed under it',
    }),
    description: z.string().optional(),
    version: text.optional().describe('version of what is tested; known deviations may be of this version only'),
    domain: host.describe("the registrar's domain, the host part of every address-of-record"),
    endpoints: z
      .strictObject({
        udp: z.strictObject({ host, port: port.default(5060) }).optional(),
        tcp: z.strictObject({ host, port: port.default(5060) }).optional(),
        tls: z
          .strictObject({
            host,
            port: port.default(5061),
            domain: host
              .optional()
              .describe(
                "registrar name on TLS, which the certificate must carry; default: this endpoint's host, or domain if the host is an address",
              ),
            ca: text
              .optional()
              .describe('PEM file of a private authority, relative to the target file; or the PEM text itself'),
          })
          .optional(),
      })
      .refine((endpoints) => Object.keys(endpoints).length > 0, { error: 'expected at least one of udp, tcp and tls' })
      .default({})
      .describe('servers; those left out are looked up by NAPTR and SRV records of the domain'),
    families: z
      .array(z.enum(['ipv4', 'ipv6']))
      .min(1)
      .default(['ipv4']),
    dns: z.strictObject({ server: ipAddress, port: port.default(53) }).optional(),
    stun: z.strictObject({ host, ports: z.array(port).min(1).default([3478]) }).optional(),
    ntp: z.strictObject({ host, port: port.default(123) }).optional(),
    media: z
      .strictObject({
        codecs: z
          .array(z.enum(['PCMA', 'PCMU']))
          .min(1)
          .default(['PCMA', 'PCMU']),
        dtmfPayloadType: z.int().min(96).max(127).optional(),
        srtp: z.array(z.enum(srtpSuites)).default([]),
        srtpOn: z
          .strictObject({ udp: srtpPolicy.optional(), tcp: srtpPolicy.optional(), tls: srtpPolicy.optional() })
          .default({})
          .describe('whether calls over a transport are encrypted; what is left out, the survey learns'),
        mikeyKey: line(text)
          .optional()
          .describe('pre-shared key of MIKEY, its octets as UTF-8; taken from the environment: ${NAME}'),
      })
      .prefault({}),
    promises: z
      .union(
        [z.enum(['all', 'none']), z.array(text.regex(ROW, { error: 'expected a row such as BH-10, EP-2 or SC-4' }))],
        {
          error: "expected 'all', 'none' or a list of rows such as [EP-2, BH-10]",
        },
      )
      .default('none')
      .describe(
        'which rows of the provider description the target promises: what it does not promise is a finding where it is missing, not a failure',
      ),
    published: z
      .strictObject({
        signalling: z
          .array(
            z.strictObject({ addresses: addressesSchema, udp: portsSchema.optional(), tcp: portsSchema.optional() }),
          )
          .default([]),
        relays: z
          .array(z.strictObject({ name: text, addresses: addressesSchema, udp: portsSchema, control: controlSchema }))
          .default([]),
      })
      .optional()
      .describe("the provider's published addresses: the source of every packet is checked against them"),
    accounts: z.array(accountSchema).min(1).transform(eachOfRanges),
    services: z
      .strictObject({
        echo: dialString.optional(),
        dtmfTest: dialString.optional(),
        dtmf: dtmfSchema.optional().describe('what the DTMF test does'),
        mailbox: z
          .strictObject({
            internal: dialString.optional(),
            external: dialString.optional(),
            deposit: text
              .regex(depositPattern, { error: 'expected what is dialled, with {user} or {number} for the owner' })
              .optional()
              .describe('dialled to leave a message without ringing the owner: {user} or {number} stand for the owner'),
            light: dialString
              .optional()
              .describe('what devices subscribe to for their mailbox light; default: their own account'),
            keys: z
              .strictObject({
                play: keys.optional().describe('plays the messages; left out: they are played unasked'),
                delete: keys.optional().describe('deletes the message that is played, or was played last'),
              })
              .optional()
              .describe("keys of the mailbox's menu"),
          })
          .optional(),
        diversionTo: dialString.optional().describe('number that diversions are set to'),
        queue: dialString.optional().describe("a number that rings the queue's agents"),
        timezone: text.refine(isTimeZone, { error: 'expected a time zone such as Europe/Berlin' }).optional(),
        trunkDialledIn: z
          .enum(['Request-URI', 'To', 'P-Called-Party-ID', 'Diversion', 'History-Info'])
          .optional()
          .describe('where a trunk is told the number that was dialled'),
        countryCode: text
          .regex(/^[1-9]\d{0,2}$/, { error: 'expected a country code without + and zeros, such as 49' })
          .optional()
          .describe('where national numbers begin with 0, and + or 00 with this code means the same'),
        codes: codesSchema.prefault({}),
      })
      .prefault({}),
    policy: z
      .strictObject({
        sharedCredentials: z.enum(['displace', 'fork', 'refuse']).optional(),
        registration: z
          .strictObject({ minExpires: z.int().min(0).optional(), maxExpires: z.int().min(1).optional() })
          .refine(({ minExpires = 0, maxExpires = Infinity }) => minExpires <= maxExpires, {
            error: 'expected minExpires to be at most maxExpires',
          })
          .optional()
          .describe('seconds'),
      })
      .prefault({}),
    timers: z
      .strictObject({
        T1: z.number().positive().default(500),
        T2: z.number().positive().default(4000),
        T4: z.number().positive().default(5000),
      })
      .prefault({})
      .describe('milliseconds'),
    unsupported: z
      .array(text)
      .default([])
      .describe('features that the provider does not have, named as in `needs` of scenarios'),
    knownDeviations: text.optional().describe('file with known deviations, relative to the target file'),
    launch: text.optional().describe('embedded, or a script that starts and stops the target'),
    restarts: z
      .boolean()
      .default(false)
      .describe('the launch script knows `restart`: the servers stop and start anew, as after a failure of power'),
    limits: z
      .strictObject({
        callsPerSecond: z.number().positive().default(2),
        concurrentCalls: z.int().min(1).default(4),
        mayFuzz: z.boolean().default(false),
        mayReach: z
          .array(addressRange)
          .default([])
          .describe(
            'addresses beyond endpoints, published and DNS that the target may lead us to (Contact, Record-Route, SDP, maddr); nothing is sent elsewhere',
          ),
        mayDial: z
          .array(regularExpression)
          .default([])
          .describe(
            'numbers that may be dialled besides those of accounts and services; never emergency or premium numbers',
          ),
      })
      .prefault({})
      .describe('what ringproof may do to this target; applies to every scenario and load'),
    load: z
      .strictObject({
        thresholds: z
          .record(
            z.string().regex(METRIC, { error: "expected a metric such as voip_mos, or 'rtp_jitter{relay:relay-1}'" }),
            z.array(
              z
                .string()
                .regex(CONDITION, { error: "expected a condition such as 'rate>0.99', 'p(95)<20' or 'count==0'" }),
            ),
          )
          .optional()
          .describe("thresholds of loads by k6's metric, in place of the usual ones; an empty list switches one off"),
      })
      .prefault({})
      .describe('what holds for loads on this target'),
  })
  .superRefine((target, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message, input: undefined })
    const seen = new Map<string, number>()
    for (const [index, account] of target.accounts.entries()) {
      const first = seen.get(account.user)
      const entry = entryOf.get(account) ?? index
      if (first === undefined) seen.set(account.user, entry)
      else problem(['accounts', entry, 'user'], `expected another user than that of accounts[${first}]`)
    }
    const encrypted = Object.entries(target.media.srtpOn).filter(([, policy]) => policy === 'required')
    if (target.media.srtp.length === 0)
      for (const [transport] of encrypted) problem(['media', 'srtpOn', transport], NO_SUITE)

    checkRelays(target.published?.relays ?? [], problem)
  })

/** A target file as it stands, before defaults are filled in. */
export type TargetInput = z.input<typeof targetSchema>
/** A target: what a target file says, with the defaults filled in. */
export type TargetDocument = z.output<typeof targetSchema>
/** One account of a target. */
export type TargetAccount = TargetDocument['accounts'][number]

/** The JSON Schema that editors use for target files. `${NAME}` is allowed wherever a text has a form. */
export function targetJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(targetSchema, {
    target: 'draft-07',
    io: 'input',
    override({ jsonSchema }) {
      if (typeof jsonSchema.pattern === 'string')
        jsonSchema.pattern = `(?:${jsonSchema.pattern})|\\$\\{[A-Za-z_]\\w*\\}`
    },
  })
  return { ...schema, title: 'ringproof target file' }
}

const timeZones = new Map<string, boolean>()

/** Remembers its answers: making a DateTimeFormat is slow, and virtual runs read a target for each scenario. */
function isTimeZone(value: string): boolean {
  const known = timeZones.get(value)
  if (known !== undefined) return known
  let valid = true
  try {
    new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions()
  } catch {
    valid = false
  }
  timeZones.set(value, valid)
  return valid
}

/** What is wrong with a pattern; undefined: nothing. */
function patternProblem(value: string): string | undefined {
  try {
    compileDialPattern(value)
    return undefined
  } catch (error) {
    const why =
      error instanceof SyntaxError && !error.message.startsWith('Invalid') ? ` that can be used: ${error.message}` : ''
    return `expected a regular expression${why}`
  }
}
