/** A provider that writes hostile texts wherever it may write: what a person opens or a program reads afterwards shows them, and does nothing else. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { unzipSync } from 'fflate'
import { marked } from 'marked'
import type { Browser } from 'playwright-core'
import { parser } from 'sax'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { performBundle } from '../../src/cli/bundle.js'
import { finish } from '../../src/cli/finish.js'
import { Progress, tellSurvey } from '../../src/cli/progress.js'
import { evidenceWriter } from '../../src/evidence/evidence-file.js'
import wrongPassword from '../../scenarios/digest/wrong-password.js'
import twoWay from '../../scenarios/media/two-way.js'
import trying from '../../scenarios/retransmission/trying.js'
import trunkExtension from '../../scenarios/services/trunk-extension.js'
import { createResponse } from '../../src/message/build.js'
import { judgePage } from '../../src/report/judge-page.js'
import type { RunResult } from '../../src/result/result.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { variantsOf } from '../../src/scenario/scenario.js'
import { surveyedRun } from '../../src/survey/surveyed-run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { judgedCapture } from '../unit/report/judged-capture.js'
import { contextFor, type Printed } from '../unit/cli/sinks.js'
import { behind, type Box } from '../virtual/middlebox.js'
import { launchBrowser, skipsBrowser } from './browser.js'

const HOSTILE = [
  `<img src=http://evil.invalid/x onerror="window.hacked=1"></noscript></script></style></textarea><script>window.hacked=2</script>`,
  '[x](javascript:hacked) ![y](http://evil.invalid/y.png) https://evil.invalid/z www.evil.invalid @everyone | a | b | `c` ``d`` <b>e</b>',
  `]]> <!-- --> &#60;i&#62; \u001b]0;owned\u0007\u001b[31m \u202eevil\u2066 \u009b31m =cmd|' /C calc'!A0`,
].join(' ')

/** Words of a log-in that a server may write as it likes, and words that are for people. */
const hostile = (account: string): Box => ({
  up: (message, line) => {
    if (message.kind !== 'request' || message.method !== 'REGISTER' || !message.to.uri.includes(account)) return true
    line.deliver(createResponse(message, 403, HOSTILE, { toTag: 'box', headers: [['Warning', `399 x "${HOSTILE}"`]] }))
    return false
  },
  down: (message) => {
    if (message.kind === 'response') message.reason = HOSTILE
    for (const name of ['Server', 'User-Agent', 'Subject', 'X-Hostile', 'Organization'])
      message.headers.set(name, HOSTILE)
    if (message.headers.get('Content-Type')?.includes('sdp') === true) {
      const name = `s=${HOSTILE}\r\na=label:${HOSTILE}`
      message.body = Buffer.from(message.body.toString('latin1').replace(/^s=.*$/m, name))
    }
    return true
  },
})

interface HostileRun {
  readonly result: RunResult
  readonly printed: Printed
}

/** Everything that names things is hostile, too: target, target file, scenarios. */
async function runOf(folder: string): Promise<HostileRun> {
  const { stages, document } = await virtualStages({
    seed: 1,
    faults: ['no-trying', 'wrong-password-accepted', 'extension-lost'],
  })
  const named = { ...document, name: HOSTILE }
  const servers = document.published?.signalling.flatMap(({ addresses }) => addresses) ?? []
  const blocked = document.accounts.at(-1)?.user ?? ''
  const { printed, context } = contextFor()
  mkdirSync(join(folder, 'evidence'), { recursive: true })
  const scenarios = [trying, wrongPassword, trunkExtension, twoWay].map((one): LoadedScenario => {
    const variants = variantsOf(one).slice(0, 1)
    const words = one === trying ? { title: HOSTILE, harm: HOSTILE, advice: HOSTILE } : {}
    return { file: `scenarios/${one.id}.ts`, definition: { ...one, ...words, variants } }
  })
  const run = await surveyedRun(
    {
      scenarios,
      document: named,
      stages: {
        ...stages,
        on: (key, story) =>
          stages.on(key, (world) =>
            story({ ...world, network: behind(world.network, servers, () => hostile(blocked)) }),
          ),
      },
      selection: { slow: true },
      reporter: new Progress(context),
      writeEvidence: evidenceWriter(folder),
      repeat: () => `npx ringproof run ${HOSTILE}`,
    },
    (survey) => tellSurvey(context, survey),
  )
  const { outcome, survey, unreachable, gone } = run
  const { result } = await finish(
    {
      command: 'run',
      seed: 1,
      clock: 'virtual',
      document: named,
      file: `/tmp/${HOSTILE}/../target.yaml`,
      faults: [],
      startedAt: 0,
      endedAt: 0,
      outcome,
      survey,
      repeat: `npx ringproof run --target '${HOSTILE}'`,
      facts: { unreachable, gone },
    },
    { folder, isOwnFolder: true },
    context,
  )
  return { result, printed }
}

describe.skipIf(skipsBrowser('hostile texts in a browser'))('a hostile provider', () => {
  let folder = ''
  let browser: Browser
  let run: HostileRun

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-hostile-'))
    run = await runOf(folder)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const text = (name: string) => readFileSync(join(folder, name), 'utf8')

  test('is heard in cards, ladders and survey, so that what follows says something', () => {
    const { scenarios, findings, survey } = run.result
    expect(findings.some(({ title }) => title.includes('<img'))).toBe(true)
    expect(scenarios.some(({ ladder }) => ladder?.arrows.some(({ label }) => label.includes('<img')) === true)).toBe(
      true,
    )
    expect(JSON.stringify(survey)).toContain('evil.invalid')
  })

  test('in a browser runs nothing, loads nothing and makes no element of its own', async () => {
    const page = await browser.newPage()
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    page.on('dialog', (dialog) => noise.push(dialog.message()))
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) noise.push(request.url())
    })
    const foreign = `[...document.querySelectorAll('img, iframe, object, embed, i:not(.label i):not(.legend i), a[href^="javascript" i], a[href*="evil.invalid"], form:not(#filter), textarea')].map((one) => one.outerHTML.slice(0, 200))`
    const sound = async () => {
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
      expect(await page.evaluate(foreign)).toEqual([])
      expect(await page.evaluate('window.hacked')).toBeUndefined()
    }
    const address = pathToFileURL(join(folder, 'index.html')).href
    await page.goto(address)
    await page.waitForSelector('html[data-ready]')
    expect(await page.evaluate('[...document.scripts].filter((one) => !one.id.startsWith("piece-")).length')).toBe(2)
    await page.locator('[name=text]').fill('e')
    await sound()
    for (const one of run.result.scenarios.filter(({ verdict }) => verdict !== 'pass').slice(0, 4)) {
      await page.goto(`${address}#/scenario/${one.id}/${one.variant.transport}/${one.variant.family}`)
      await page.waitForSelector('#scenario article')
      await page.locator('[data-all=open]').click()
      await sound()
      await page.locator('#scenario .copy').first().click()
    }
    writeFileSync(join(folder, 'judge.html'), judgePage(judgedCapture(HOSTILE)))
    for (const name of ['customers.html', 'judge.html']) {
      await page.goto(pathToFileURL(join(folder, name)).href)
      await sound()
    }
    expect(await page.innerText('main')).toContain('evil.invalid')
    await page.close()
    expect(noise).toEqual([])
  })

  test('in Markdown makes no link, image, element or table', () => {
    const source = text('summary.md')
    expect(source).toContain('evil')
    const kinds = new Set<string>()
    const tokens = marked.lexer(source, { gfm: true })
    const walkTokens = ({ type }: { readonly type: string }) => {
      kinds.add(type)
    }
    marked.parse(source, { gfm: true, async: false, walkTokens })
    for (const type of ['link', 'image', 'html', 'code', 'def', 'blockquote']) expect(kinds, type).not.toContain(type)
    const tables = tokens.flatMap((token) => (token.type === 'table' ? [token.raw] : []))
    expect(tables.join('')).not.toContain('evil')
    // The run's verdicts, and nothing else.
    expect(tables).toHaveLength(1)
    // Code is shown as it is, whatever it says.
    const outside = source.replace(/(`+)[^]*?[^`]\1(?!`)/g, '')
    expect(outside).not.toMatch(/@everyone|https:\/\/evil|www\.evil/)
    expect(source).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  })

  test('in XML is text', () => {
    const names = new Set<string>()
    const xml = parser(true)
    const onopentag = ({ name }: { readonly name: string }) => names.add(name)
    const onerror = (error: Error) => {
      throw error
    }
    Object.assign(xml, { onopentag, onerror })
    xml.write(text('junit.xml')).close()
    expect(['img', 'script', 'b', 'i'].filter((name) => names.has(name))).toEqual([])
  })

  test('on a terminal moves no cursor, sets no title, turns no text and starts no line', () => {
    const all = `${run.printed.out}${run.printed.err}`
    expect(all).toContain('evil')
    expect(all).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
  })

  test('in a bundle names no file, and its texts have no controls', async () => {
    const out = join(folder, 'bundle.zip')
    const { context } = contextFor()
    await performBundle({ id: 'retransmission/trying', run: folder, out }, context)
    const files = unzipSync(readFileSync(out))
    for (const [name, bytes] of Object.entries(files)) {
      expect(name).toMatch(/^[\w.-]+\/(?:evidence\/)?[\w.-]+$/)
      expect(name).not.toContain('..')
      const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/
      if (name.endsWith('.txt')) expect(Buffer.from(bytes).toString('utf8')).not.toMatch(controls)
    }
  })
})
