/** The files that `init` makes: a target file, a scenario with what an editor wants for it, a job for CI. */
import { TRANSPORTS } from '../../scenario/target.js'
import type { Seen, Transport } from './look.js'

export type Ci = 'github' | 'gitlab' | 'none'

export interface Wishes {
  readonly domain: string
  readonly name: string
  readonly dns?: { readonly server: string; readonly port: number } | undefined
  readonly echo?: string | undefined
  readonly accounts: number
  readonly ci: Ci
}

export interface MadeFile {
  /** Relative to the folder of the project. */
  readonly path: string
  readonly text: string
}

export const TARGET_PATH = 'ringproof/target.yaml'

/** @param seen what the domain told; absent where it was not asked */
export function filesOf(wishes: Wishes, seen: Seen | undefined): MadeFile[] {
  return [
    { path: TARGET_PATH, text: targetText(wishes, seen) },
    { path: 'ringproof/scenarios/registers-again.ts', text: SCENARIO },
    { path: 'ringproof/tsconfig.json', text: TSCONFIG },
    ...ciFile(wishes),
  ]
}

const quoted = (text: string): string => JSON.stringify(text)
const numbers = (accounts: number): number[] => Array.from({ length: accounts }, (_, index) => index + 1)

// --- the target file ------------------------------------------------------------------------------------------------

function targetText({ name, domain, dns, echo, accounts }: Wishes, seen: Seen | undefined): string {
  const lines = [
    '# yaml-language-server: $schema=../node_modules/ringproof/schema/target.schema.json',
    '#',
    '# What ringproof is pointed at. All fields: docs/pointing-at-a-provider.md of the package, and its schema.',
    '# No password stands here: ${NAME} takes it from the environment.',
    `name: ${quoted(name)}`,
    `domain: ${quoted(domain)}`,
    ...endpointLines(seen),
    `families: [${(seen?.families ?? ['ipv4']).join(', ')}]`,
    ...(dns === undefined ? [] : [`dns: { server: ${quoted(dns.server)}, port: ${dns.port} }`]),
    ...(seen?.stun === undefined
      ? ['# stun: { host: stun.example.com, ports: [3478] }']
      : [`stun: { host: ${quoted(seen.stun.host)}, ports: [${seen.stun.port}] }`]),
    'media:',
    '  codecs: [PCMA, PCMU]',
    ...srtpLines(seen),
    '# What the provider promises beyond the RFCs: all, none, or rows such as [EP-2, BH-10] (npx ringproof explain BH-10).',
    'promises: none',
    '# Failures that are known and lived with: knownDeviations: known.json',
    '',
    '# Accounts for tests, with no customer behind them: two for calls between them, three for all scenarios.',
    'accounts:',
    ...numbers(accounts).flatMap((number) => [
      `  - user: "\${RINGPROOF_USER_${number}}"`,
      `    password: "\${RINGPROOF_PASSWORD_${number}}"`,
    ]),
    '',
    '# Numbers that may be called for tests. What is left out is not tested, and the report says so.',
    ...(echo === undefined ? ['# services:', '#   echo: "*43"'] : ['services:', `  echo: ${quoted(echo)}`]),
    ...registrationLines(seen),
    '',
    '# What ringproof may do to this target, whatever a scenario asks.',
    'limits:',
    '  callsPerSecond: 2',
    '  concurrentCalls: 4',
  ]
  return `${lines.join('\n')}\n`
}

function endpointLines(seen: Seen | undefined): string[] {
  if (seen === undefined)
    return ['# Servers are looked up by NAPTR and SRV records of the domain; `endpoints` names others.']
  const tried = TRANSPORTS.flatMap((transport): [Transport, string][] => {
    const place = seen.tried[transport]
    return place === undefined ? [] : [[transport, `{ host: ${quoted(place.host)}, port: ${place.port} }`]]
  })
  const silent = tried.filter(([transport]) => !seen.answering.has(transport))
  if (seen.announced.length > 0) {
    return [
      '# Servers are looked up by NAPTR and SRV records of the domain at every run. When this file was made they said:',
      ...tried.map(
        ([transport, place]) =>
          `#   ${transport}: ${place}${seen.answering.has(transport) ? '' : '   (not usable when this was written)'}`,
      ),
      ...(silent.length === 0
        ? []
        : [
            '# A run tries them all, and tells what is not usable; this leaves out what is not offered on purpose:',
            `# unsupported: [${silent.map(([transport]) => transport).join(', ')}]`,
          ]),
    ]
  }
  return [
    '# DNS had no NAPTR or SRV records for the domain when this file was made: these answered.',
    'endpoints:',
    ...tried
      .filter(([transport]) => seen.answering.has(transport))
      .map(([transport, place]) => `  ${transport}: ${place}`),
    ...silent.map(([transport, place]) => `  # ${transport}: ${place}   not usable when this was written`),
  ]
}

/** Whether calls can be encrypted is known where somebody has logged in and called. */
function srtpLines(seen: Seen | undefined): string[] {
  const suites = '  srtp: [AES_CM_128_HMAC_SHA1_80]'
  const isTaken = Object.values(seen?.facts.srtp ?? {}).some((stance) => stance !== 'refused')
  return isTaken ? [suites] : [`  #${suites.slice(1)}`]
}

function registrationLines(seen: Seen | undefined): string[] {
  const minimum = seen?.facts.registration?.minimum
  return minimum === undefined ? [] : ['', 'policy:', `  registration: { minExpires: ${minimum} }`]
}

// --- a scenario -----------------------------------------------------------------------------------------------------

const SCENARIO = `import { must, scenario } from 'ringproof'

// A scenario of your own: who acts, what was heard, what must hold. docs/writing-a-scenario.md of the package has it all.
//   npx ringproof run --target ${TARGET_PATH} --scenarios ringproof/scenarios --only ours/
export default scenario({
  id: 'ours/registers-again',
  title: 'A telephone that registers a second time is registered once',
  area: 'registrar',
  purposes: ['OURS'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'a registration that is refreshed is answered with 200', { gravity: 'outage' }),
    once: must('RFC 3261 §10.3', 'a refresh adds no second contact', { gravity: 'harm' }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 5,
  harm: 'Telephones cannot stay registered, or ring several times.',
  advice: 'Ask the provider how it compares the contacts of a telephone that registers again.',
  async run({ alice, expect }) {
    const first = await alice.registers({ expires: 300 })
    const again = await alice.asksToRegister({ expires: 300 })
    expect('accepted', again.status).toBe(200)
    expect('once', again.contacts.length).toSatisfy(
      \`\${first.contacts.length}, as before\`,
      (count) => count <= first.contacts.length,
    )
  },
})
`

/** For editors and \`npx tsc -p ringproof\`; ringproof itself runs scenarios as they are. */
const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "allowImportingTsExtensions": true,
    "noEmit": true,
    "strict": true
  },
  "include": ["scenarios"]
}
`

// --- CI -------------------------------------------------------------------------------------------------------------

const RUN = `npx ringproof run --target ${TARGET_PATH} --scenarios ringproof/scenarios --out report`

function ciFile({ ci, accounts }: Wishes): MadeFile[] {
  if (ci === 'github') return [{ path: '.github/workflows/ringproof.yml', text: githubText(accounts) }]
  if (ci === 'gitlab') return [{ path: 'ringproof/gitlab-ci.yml', text: GITLAB }]
  return []
}

function githubText(accounts: number): string {
  const secrets = numbers(accounts).flatMap((number) =>
    ['USER', 'PASSWORD'].map((what) => {
      const name = `RINGPROOF_${what}_${number}`
      return `      ${name}: \${{ secrets.${name} }}`
    }),
  )
  return `name: ringproof
on:
  schedule: [{ cron: "17 4 * * *" }]
  workflow_dispatch:
permissions: { contents: read }
# Two runs at a time on the same accounts would disturb each other.
concurrency: { group: ringproof }

jobs:
  conformance:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    env:
${secrets.join('\n')}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - run: ${RUN}
      - if: always()
        uses: actions/upload-artifact@v4
        with: { name: ringproof, path: report }
`
}

const GITLAB = `# In .gitlab-ci.yml:  include: ringproof/gitlab-ci.yml
# RINGPROOF_USER_1, RINGPROOF_PASSWORD_1 and so on are masked variables of the project.
ringproof:
  image: node:22
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - when: manual
      allow_failure: true
  # Two runs at a time on the same accounts would disturb each other.
  resource_group: ringproof
  timeout: 30 minutes
  script:
    - npm ci
    - ${RUN}
  artifacts:
    when: always
    paths: [report]
    reports: { junit: report/junit.xml }
`
