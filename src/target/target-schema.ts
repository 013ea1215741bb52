/** What a target file may say: its schema, from which schema/target.schema.json is written. */
import { z } from 'zod'
import { eachOfRanges, entryOf } from './account-range.js'
import { accountSchema } from './account-schema.js'
import { ROW } from './promises.js'
import { checkRelays } from './published-ports.js'
import {
  addressRange,
  host,
  ipAddress,
  line,
  port,
  portRange,
  regularExpression,
  socketAddress,
  text,
} from './schema-values.js'
import { servicesSchema } from './services-schema.js'

/** SRTP suites that ringproof speaks, by their names in SDP (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1). */
export const srtpSuites = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
] as const

/** A metric of k6, with tags or without. */
const METRIC = /^[A-Za-z_]\w*(?:\{[^{}]+\})?$/
/** A threshold of k6: what is aggregated, how it compares, with what. */
const CONDITION =
  /^\s*(?:avg|min|max|med|count|rate|value|p\(\d+(?:\.\d+)?\))\s*(?:<=|>=|<|>|===|==|!=)\s*-?\d+(?:\.\d+)?\s*$/

const srtpPolicy = z.enum(['required', 'optional', 'none'])

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

/** An announcement that was recorded: `ringproof record`. */
const announcementSchema = z.strictObject({
  service: text.describe('the service or number that it was heard at: mailbox.internal, codes.credit, 0211550001'),
  label: text,
  print: z.base64().describe('what it sounds like: six bands, 25 times a second'),
})

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
        ice: z
          .enum(['lite', 'none'])
          .optional()
          .describe(
            'how offers with ICE are answered, where the embedded provider is started; others tell by their answers',
          ),
        deadCallSeconds: z
          .int()
          .min(1)
          .max(7_200)
          .optional()
          .describe(
            'within how many seconds the provider ends a call of which one telephone is dead; absent: nothing is promised',
          ),
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
    services: servicesSchema.prefault({}),
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
    announcements: z
      .union([text, z.array(announcementSchema)])
      .optional()
      .describe('folder of recorded announcements (`ringproof record`), relative to the target file'),
    knownDeviations: text.optional().describe('file with known deviations, relative to the target file'),
    launch: text.optional().describe('embedded, or a script that starts and stops the target'),
    restarts: z
      .boolean()
      .default(false)
      .describe('the launch script knows `restart`: the servers stop and start anew, as after a failure of power'),
    losesServers: z
      .boolean()
      .default(false)
      .describe(
        'the launch script knows `lose ADDRESS` and `regain ADDRESS`: of several SIP servers one is silent for a while',
      ),
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

    if (target.restarts && target.launch === undefined)
      problem(['restarts'], "expected 'launch' beside it: only a target that ringproof starts is told to restart")

    checkRelays(target.published?.relays ?? [], problem)
  })

/** A target file as it stands, before defaults are filled in. */
export type TargetInput = z.input<typeof targetSchema>
/** A target: what a target file says, with the defaults filled in. */
export type TargetDocument = z.output<typeof targetSchema>
/** An announcement of a target that was recorded. */
export type RecordedAnnouncement = z.output<typeof announcementSchema>
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
