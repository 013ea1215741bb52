import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { messageView } from '../../../src/report/ladder-view.js'
import { page } from '../../../src/report/page.js'
import { scenarioView } from '../../../src/report/scenario-view.js'
import type { Finding } from '../../../src/result/finding.js'
import type { RunResult } from '../../../src/result/result.js'
import {
  bulkyRun,
  emptyRun,
  faultyRun,
  HOSTILE,
  interruptedRun,
  passingRun,
  relaysMet,
  unreachableRun,
} from './fixtures.js'
import { surveyedRun } from './surveyed-run.js'

/** What a reader sees without JavaScript: text outside of script and style. */
async function readable(run: RunResult): Promise<string> {
  return (await page(run))
    .replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

describe('index.html', () => {
  test('loads nothing and says so: each script and style by its hash, all else forbidden', async () => {
    const text = await page(passingRun())
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|http|\*/)
    const inline = [...text.matchAll(/<(script|style)>([^]*?)<\/\1>/g)]
    expect(inline).toHaveLength(3)
    for (const [, tag, source = ''] of inline) {
      const hash = `'sha256-${createHash('sha256').update(source).digest('base64')}'`
      expect(policy.split('; ').find((part) => part.startsWith(`${tag}-src`))).toContain(hash)
    }
    const outside = text.replace(/<(script|style)>[^]*?<\/\1>/g, '')
    expect(outside).not.toMatch(/ (?:src|style|on\w+)="/)
    expect(outside).not.toMatch(/<(?:script|link)[^>]*(?:src|href)="(?!data:)/)
  })

  test('names the licence of what it carries, only where it carries it', async () => {
    expect(await page(passingRun())).toMatch(/uPlot[^]*MIT License[^]*Leon Sorokin/)
    expect(await page(unreachableRun())).not.toContain('Leon Sorokin')
  })

  test('stays below 2 MB for the bulkiest usual run', async () => {
    const bulky = bulkyRun()
    expect(Buffer.byteLength(await page(bulky))).toBeLessThan(2_000_000)
    // More scenarios, with longer texts: tables and data together would be too much.
    const scenarios = ['a', 'b', 'c']
      .flatMap((name) => bulky.scenarios.map((one) => ({ ...one, id: `${one.id}/${name}` })))
      .slice(0, 168)
      .map((one) => ({
        ...one,
        title: one.title.repeat(9),
        reason: one.title.repeat(9),
        purposes: [one.title.repeat(60)],
      }))
    const large = await page({ ...bulky, scenarios })
    expect(Buffer.byteLength(large)).toBeLessThan(2_000_000)
    expect(large).toContain('</html>')
    expect((await page(passingRun())).length).toBeLessThan(500_000)
  })

  test('stays below 5 MB for 2,000 executions, each with a ladder of its own; what passed is not laid out before it is asked for', async () => {
    const bulky = bulkyRun()
    const scenarios = Array.from({ length: 2000 }, (_, index) => {
      const one = bulky.scenarios[index % bulky.scenarios.length]!
      const verdict = index === 0 ? ('fail' as const) : ('pass' as const)
      return { ...one, id: `${one.id}/${Math.floor(index / bulky.scenarios.length)}`, verdict }
    })
    const large = await page({ ...bulky, scenarios })
    expect(Buffer.byteLength(large)).toBeLessThan(5_000_000)
    const [, rows = ''] = /<tbody id="rows" data-all="2000">([^]*?)<\/tbody>/.exec(large) ?? []
    expect(rows.match(/<tr data-verdict/g)).toHaveLength(1)
    const folded = [...large.matchAll(/<noscript class="rows" data-in="[\w-]+">([^]*?)<\/noscript>/g)].map(
      ([all]) => all,
    )
    expect(folded.join('').match(/<tr data-verdict="pass"/g)).toHaveLength(1999)
    // What is asked for later stands behind the script, which does not wait for it.
    expect(large.match(/ id="piece-\d+"/g)?.length).toBeGreaterThan(50)
    expect(large.indexOf('id="piece-0"')).toBeGreaterThan(large.lastIndexOf('<script>'))
  })

  test('hostile texts are shown and are not markup', async () => {
    const text = await page(faultyRun())
    const body = text.replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '')
    expect(body).not.toMatch(/<img|<script|<!--(?!>)|onerror="|href="javascript/i)
    expect(body).toContain('&lt;/script&gt;&lt;script&gt;window.hacked = 1')
    expect(body).toContain('admin⟨U+202E⟩gnp.exe')
    // No control character, no bidirectional control anywhere in the file.
    expect(text.replace(/<script>[^]*?<\/script>/g, '')).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/,
    )
    expect(text.match(/<script(?! type="text\/plain" id="piece-)/g)).toHaveLength(3)
  })

  test('the first screen answers: what, whether, when, how long, from where, with what, how again', async () => {
    const text = await readable(passingRun())
    for (const part of [
      'embedded',
      'Passed',
      'Calls work on UDP, TCP and TLS',
      '2026-03-11 07:52:35 CET',
      '2026-03-11 06:52:35 UTC',
      '2 min 46 s',
      '127.0.0.1, ::1',
      'no NAT on the way',
      'ringproof 0.1.0, Node 22.14.0, k6 2.2.0',
      'npm start -- --seed 7',
    ])
      expect(text).toContain(part)
  })

  test('what needs attention: causes in the order of harm, with who notices, what to do and where', async () => {
    const text = await readable(faultyRun())
    const order = [
      'Customers whose router changed',
      'On lossy lines calls drop',
      'stop being reachable after 55 s. ',
      'Anyone on the path',
      'Defects of ringproof or of a scenario (1)',
      'Could not be decided',
    ].map((part) => text.indexOf(part, text.indexOf('What needs attention')))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
    expect(text).toContain('Ask the provider to match bindings')
  })

  test('before anything else: faults that were planted, and warnings beside failures', async () => {
    const run = faultyRun()
    const text = await readable({ ...run, target: { ...run.target, faults: ['rport-ignored', 'no-trying'] } })
    const first = text.slice(0, text.indexOf('What needs attention'))
    expect(first).toContain('2 faults planted on purpose in the embedded provider')
    const telling = run.findings.filter(({ severity }) => severity !== 'info')
    expect(telling.some(({ severity }) => severity === 'warn')).toBe(true)
    for (const { title } of telling) expect(first).toContain(title)
    expect(await readable(passingRun())).not.toContain('planted on purpose')
  })

  test('nothing wrong is said, and always what was not tested', async () => {
    expect(await readable(passingRun())).toMatch(
      /No problem was found in what was tested. .*Not tested: left out of the target file: NTP \(ntp\), mailbox \(services.mailbox\) 4 tests take longer than 40 s each \(run with --slow\)/,
    )
    expect(await readable(emptyRun())).toMatch(
      /Nothing was tested, so nothing can be said .*Not tested: behaviour under load, and how the relays compare: this run tested conformance only/,
    )
    expect(await readable(unreachableRun())).toMatch(/does not answer.*Nothing was tested, so nothing can be said/)
  })

  test('the matrix leads to what a cell counts: one scenario directly, several by a filter', async () => {
    const text = await page(faultyRun())
    expect(text).toContain('href="#/scenario/nat/keep-alive/udp/ipv4"')
    expect(text).toMatch(
      /<a class="cell v-fail" href="#\/\?area=registrar&amp;on=udp%2Fipv4" title="[^"]*"><span class="hidden">Registration, UDP IPv4: fail, 10 checks in 3 tests <\/span>/,
    )
    expect(text).toMatch(/EP-7<\/span> Time server \(NTP\)<\/th><td colspan="6">not tested/)
  })

  test('vital signs are no row of the matrix: they have a table of their own', async () => {
    const run = faultyRun()
    const areas = [
      ...(run.areas ?? []),
      { id: 'survey', title: 'Basic functions' },
      { id: 'dns', title: 'Finding servers' },
    ]
    const [matrix] = /<section id="matrix"[^]*?<\/section>/.exec(await page({ ...run, areas })) ?? []
    expect(matrix).toContain('Finding servers')
    expect(matrix).not.toContain('Basic functions')
  })

  test('a generator that was not sound is said beside the numbers', async () => {
    const text = await readable(interruptedRun())
    expect(text).toMatch(
      /Not valid The load generator was too slow or did not finish; the numbers below say nothing about the target.*event loop lag 130 ms.*Calls Started/,
    )
  })

  test('a relay from which nothing came has no quality and no jitter', async () => {
    const text = await readable(faultyRun())
    expect(text).toMatch(
      /relay-4 127\.0\.0\.159 206 101,900 \/ nothing received 100 % 99,000 – 0 0 – nothing was heard 100 % lost/,
    )
    expect(text).toMatch(/unknown-1 127\.0\.0\.199 not a published address/)
  })

  test('the relays of the tests stand side by side, with or without a load', async () => {
    const text = await readable({ ...passingRun(), relays: relaysMet() })
    expect(text).toMatch(
      /Relays as the calls of the tests met them Relay Audio to Calls Listened Lost Jitter One-way Wrong audio Altered Not recognised relay-1 caller 12 10 8 % 80 of 1,000; 5\.6–11\.1 % 3 ms 4 0 0 1 called party 12 0 – – – – – – relay-2 no call was led over it &lt;hostile&gt; not a published relay caller/,
    )
    expect(await readable(emptyRun())).not.toContain('as the calls of the tests met them')
  })

  test('what relays counted themselves stands with what it means; a result without it has no such table', async () => {
    const passing = passingRun()
    const ours = {
      calls: 9,
      farEnds: 0,
      unplaced: 0,
      runs: 0,
      sent: 9_000,
      received: 8_000,
      rtcpSent: 20,
      rtcpReceived: 20,
    }
    const row = {
      relays: ['relay-1', '<b>'],
      control: '192.0.2.9:2223',
      settled: true,
      waitedMs: 33_000,
      ours: { ...ours, lost: 1_000, dropped: 0, edges: 90 },
    }
    const relayCounts = [
      { ...row, state: 'lost' as const, took: 9_020, errors: 3, sessions: 9, left: 2, text: 'It took in <all>.' },
      { ...row, state: 'not-reached' as const, text: 'Not reached: nothing answers.' },
    ]
    const text = await readable({ ...passing, load: { ...passing.load!, relayCounts } })
    expect(text).toMatch(
      /Relays’ own counts against the call agents’ Relay Sent to it It took in Its errors Came back Sessions State Which means relay-1, &lt;b&gt; 192\.0\.2\.9:2223 9,020 9,020 3 8,020 9 packets lost It took in &lt;all&gt;\. relay-1, &lt;b&gt; 192\.0\.2\.9:2223 9,020 – – 8,020 – not reached Not reached: nothing answers\./,
    )
    expect(await readable(passing)).not.toContain('Relays’ own counts')
  })

  test('a threshold stands beside what was measured, where that is known', async () => {
    expect(await readable(faultyRun())).toMatch(
      /Thresholds Metric Condition Measured State sip_call_success rate&gt;=0.999 0.961 not met sip_session_request_delay p\(95\)&lt;250 – met/,
    )
    expect(await readable(passingRun())).not.toContain('Measured')
  })

  test('evidence leads beside the report only', async () => {
    const text = await page(faultyRun())
    expect(text).toContain('href="evidence/ok.pcapng"')
    expect(text).toContain('<code>../../etc/passwd</code>')
    expect(text).not.toContain('href="../../')
  })
})

describe('a run with a survey', () => {
  const run = surveyedRun()
  const between = (text: string, from: string, to: string) => {
    const start = text.indexOf(from)
    return text.slice(start, text.indexOf(to, start + from.length))
  }

  test('a card says gravity, who notices, what to do, where, in how many tests, what is not run because of it', async () => {
    const text = await readable(run)
    const cards = text.slice(text.indexOf('Those affected have no service'))
    expect(cards).toMatch(
      /outage fail No telephone can connect over TLS: the certificate expired on 2026-02-28 Who notices Telephones set to TLS are offline\. What to do Renew the certificate .* Where only TLS, over IPv4 and IPv6 Seen in survey\/reach TLS IPv4 TLS IPv6 2 of 2 tests \(registering\) Not tested 25 tests because of this/,
    )
    expect(cards).toContain('Where only through relay-3 (127.0.0.158)')
    expect(cards).toContain('12 of 14 tests (talking)')
    expect(cards).toMatch(
      /Also broken because of this \(2\) Digits pressed during a call do not arrive dtmf\/told-back UDP IPv4/,
    )
  })

  test('of a long advice the first sentences are shown, and the rest is folded', async () => {
    const [first, ...others] = run.findings
    const steps = Array.from({ length: 12 }, (_, index) => `Step ${index} is to look at the log of server ${index}.`)
    const text = await page({ ...run, findings: [{ ...first!, advice: steps.join(' ') }, ...others] })
    expect(text).toMatch(
      /<bdi class="wire">Step 0 [^<]*Step 6 is[^<]*<\/bdi><details><summary>more<\/summary><bdi class="wire">Step 7 [^<]*Step 11 [^<]*11\.<\/bdi>/,
    )
  })

  test('every card says who notices, nothing twice, and the advice of the gravest rule first', async () => {
    const [first] = run.findings
    const card = async (more: Partial<Finding>) => {
      const findings: Finding[] = first ? [{ ...first, kind: 'rule', broken: [], ...more }] : []
      return (await readable({ ...run, findings })).match(/Who notices .*? Where/)?.[0] ?? ''
    }
    const title = 'Nobody hears anything'
    expect(
      await card({
        title,
        harm: `${title}.`,
        advice: 'Mend it.',
        moreAdvice: ['Ask.'],
        reach: { step: 'talk', showed: 1, of: 2 },
      }),
    ).toBe('Who notices Customers in calls. What to do Mend it. more advice, for the other rules Ask. Where')
    expect(await card({ title, harm: `${title}. Nor are they heard.`, gravity: 'exposure', advice: 'Mend it.' })).toBe(
      'Who notices Nobody, until somebody abuses it. Nor are they heard. What to do Mend it. Where',
    )
    expect(
      await card({
        kind: 'unsteady',
        title: `Not every time: ${title}`,
        harm: `${title}.`,
        gravity: 'letter',
        advice: 'Ask.',
      }),
    ).toBe('Who notices Hardly anybody: devices that insist on the standard. What to do Ask. Where')
    expect(await card({ title, harm: 'Some devices drop calls.', gravity: 'letter', advice: 'Mend it.' })).toBe(
      'Who notices Some devices drop calls. What to do Mend it. Where',
    )
    const seen = { rule: 'survey', expected: 'an answer within 4 s' }
    const rules = async (actual: string) =>
      (await readable({ ...run, findings: first ? [{ ...first, broken: [], title, ...seen, actual }] : [] })).match(
        /Expected an answer within 4 s( Actual [\w ]{4})?/,
      )?.[1]
    expect(await rules(title)).toBeUndefined()
    expect(await rules('none at all')).toBe(' Actual none')
  })

  test('the gravities are explained, and each has a word and a sign of its own', async () => {
    const text = await page(run)
    const words = { outage: 'outage', exposure: 'exposure', harm: 'harm', letter: 'formal' }
    for (const [gravity, word] of Object.entries(words)) {
      const entry = `<li><span class="badge g-${gravity}"[^>]*><svg[^>]*><use href="#sign-${gravity}"/></svg>${word}</span> \\w`
      expect(text).toMatch(new RegExp(entry))
    }
  })

  test('the first screen lists every problem once, in the order of the cards; what is known or our own defect is no problem', async () => {
    const text = await page(run)
    const listed = [...between(text, '<ol class="headlines"', '</ol>').matchAll(/href="#(finding-\d+)"/g)].map(
      ([, id]) => id,
    )
    const cards = [...text.matchAll(/class="finding [^"]*" id="(finding-\d+)"/g)].map(([, id]) => id)
    expect(listed).toEqual(['finding-0', 'finding-1', 'finding-2', 'finding-3', 'finding-4', 'finding-6'])
    expect(cards).toEqual(listed)
  })

  test('a number of what is not shown counts just that', async () => {
    const [first] = run.findings
    const many = Array.from({ length: 14 }, (_, index) => ({ ...first!, id: `f${index}`, title: `problem ${index}` }))
    const text = await page({ ...run, findings: many })
    const list = between(text, '<ol class="headlines"', '</ol>')
    expect(list.match(/problem \d+/g)).toHaveLength(10)
    expect(list).toContain('<a href="#finding-10">and 4 more below</a>')
  })

  test('a card’s number of blocked tests is that of the list it leads to', async () => {
    const text = await page(run)
    expect(text).toContain('<a href="#blocked-by-finding-0">25 tests because of this</a>')
    const list = between(text, '<div id="blocked-by-finding-0">', '</div>')
    expect(list).toMatch(/25 tests, because of: <a href="#finding-0">/)
    // A line a scenario, with where it would have run.
    const lines = list.match(/<li>.*?<\/li>/g) ?? []
    expect(lines.join(' ').match(/TLS IPv[46]/g)).toHaveLength(25)
    expect(new Set(lines).size).toBe(lines.length)
  })

  test('what could not be decided stands together by code, whatever each gives as its reason', async () => {
    const text = await readable(run)
    expect(text).toMatch(
      /Could not be decided \(5\) A call was refused \(3\) Look at the status .* dialog\/hold-resume UDP IPv4 TCP IPv4 alice’s call was rejected with 403 .* services\/caller-id-off UDP IPv4 the code \*10 was refused with 480 Somebody else used the test accounts at the same time \(2\)/,
    )
    expect(text).toContain('Undecided 2 tests could not be decided because of this')
  })

  test('a defect of ours is one card, below what failed', async () => {
    const text = await readable(run)
    expect(text).toMatch(
      /Defects of ringproof or of a scenario \(2\) They say nothing about the target.*proxy\/cancel UDP IPv4 cannot read .* scenarios\/proxy\/cancel\.ts:41 proxy\/cancel TCP IPv4/,
    )
    expect(text.indexOf('Defects of ringproof')).toBeGreaterThan(text.indexOf('Who notices'))
    expect(text).not.toContain('The scenario proxy/cancel has a defect')
  })

  test('known deviations have their reason, and are counted on the first screen', async () => {
    const text = await readable(run)
    expect(text).toMatch(
      /Known deviations of this target \(1\) MUST Contact: \* removes all bindings RFC 3261 §10\.2\.2 Known: Kamailio removes them after 10 s, ticket OPS-812 registrar\/unregister-all UDP IPv4 TCP IPv4 UDP IPv6/,
    )
    expect(text.slice(0, text.indexOf('What needs attention'))).toContain('1 known deviation')
  })

  test('vital signs are a table of transports and families, each cell with a page of its own', async () => {
    const text = await page(run)
    const table = between(text, '<table class="vital">', '</table>')
    expect(table.match(/<tr><th scope="row">/g)).toHaveLength(6)
    expect(table).toContain(
      'href="#/scenario/survey/reach/tls/ipv4" title="Reach, TLS IPv4: fail, TLS: certificate expired on 2026-02-28 (CN=secure.ringproof.test)"',
    )
    const once = between(text, '<table class="vital once">', '</table>')
    expect(once).toMatch(
      /<th scope="row">.*The account can log in.*href="#\/scenario\/survey\/account\/udp\/ipv4\/bob"[^>]*>.*wrong password 1\/2.*The echo test answers/,
    )
  })

  test('facts have how they were learned; the same on several transports is said once', async () => {
    const text = await readable(run)
    expect(text).toContain('Role proxy the Call-ID of a call arrived unchanged')
    expect(text).toContain('Round trip UDP IPv4, UDP IPv6: 0.4 ms, jitter 0.1 ms, no loss TCP IPv4: 0.6 ms')
    expect(text).toContain('SRTP refused a call that offered it was answered with 488')
  })

  test('nothing in it is markup but its own', async () => {
    const body = (await page(run)).replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '')
    expect(body).not.toMatch(/<img|<script|<!--(?!>)|onerror="|href="javascript/i)
  })
})

describe('a scenario', () => {
  const context = {
    areaTitle: 'x',
    rows: new Map<string, string>(),
    noticed: faultyRun().findings.slice(3),
    findings: [{ finding: faultyRun().findings[1]!, anchor: 'finding-1' }],
    text: 'as text',
  }
  const failed = faultyRun().scenarios.find((one) => one.id === 'retransmission/lost-200-is-resent')!

  test('what its card says is not said again', () => {
    const [finding] = faultyRun().findings
    const title = 'proxy.example refuses TCP'
    const missing = { ...failed, reason: title, harm: `${title}. Nobody can call.`, checks: [] }
    const findings = finding ? [{ finding: { ...finding, title }, anchor: 'finding-0' }] : []
    const text = scenarioView(missing, { ...context, findings }).toString()
    expect(text.split(title)).toHaveLength(2)
    expect(text).toContain('Nobody can call.')
  })

  test('shows rule, expected, actual and line, and the ladder with what was sent again', () => {
    const text = scenarioView(failed, context).toString()
    expect(text).toContain('A 200 is sent again until its ACK comes.')
    expect(text).toContain('data-open="8"')
    expect(text).toMatch(
      /class="arrow k-sip again"[^>]*>\n<span class="t">2\.122<\/span><span class="hidden"> s, embedded to alice: <\/span>.*?200 OK<\/bdi> <i>again after 502 ms/,
    )
    expect(text).toMatch(/class="arrow k-sip lost"/)
    expect(text).toContain('12.2 s later')
    expect(text).toMatch(/Standing checks<.*Audio keys in clear text/s)
    expect(text).toContain('<a href="#finding-1">')
    expect(text).not.toMatch(/<img|<script| style="/)
  })

  test('a message is shown line by line: hostile ones harmless, long ones cut but whole, the offending one marked', () => {
    const arrow = failed.ladder!.arrows[8]!
    const text = messageView(arrow, [failed.checks.at(-1)!.line!]).toString()
    expect(text.match(/class="ln bad"/g)).toHaveLength(1)
    expect(text).toMatch(/class="ln bad">.*<b>Subject<\/b>/)
    expect(text).toContain('63,538 more characters in this line')
    expect(text.replaceAll(/<[^>]*>/g, '').match(/0123456789abcdef/g)!.length).toBeGreaterThanOrEqual(4095)
    expect(text).not.toMatch(/<img|<script/)
    expect(text).toContain(HOSTILE[7])
  })
})
