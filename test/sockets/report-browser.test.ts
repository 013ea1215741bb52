/** The report in a real browser: what its script does, and that nothing else happens. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { performBundle } from '../../src/cli/bundle.js'
import { wavOf } from '../../src/media/wav.js'
import { writeReport } from '../../src/report/write-report.js'
import type { RunResult } from '../../src/result/result.js'
import { comparedRun, HOSTILE } from '../unit/report/compared-run.js'
import { contextFor } from '../unit/cli/sinks.js'
import { faultyRun, passingRun } from '../unit/report/fixtures.js'
import { surveyedRun } from '../unit/report/surveyed-run.js'
import { launchBrowser, skipsBrowser } from './browser.js'

/** The texts of a page whose contrast is below that of WCAG 2.1 AA, computed from what the browser paints. */
const LOW_CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor)
      if (colour[3] === 255) return colour
    }
    return [255, 255, 255, 255]
  }
  const bad = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!node.textContent.trim() || !element.checkVisibility() || element.closest('script, style, option, noscript')) continue
    const style = getComputedStyle(element)
    const [a, b] = [light(rgba(style.color)), light(groundOf(element))].toSorted((x, y) => y - x)
    const size = parseFloat(style.fontSize)
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < least) bad.push(node.textContent.trim().slice(0, 40) + ': ' + ratio.toFixed(2) + ' ' + element.className)
  }
  return bad
})()`

const MANY_SLOW = Array.from({ length: 200 }, (_, index) => ({
  id: `area/slow-${index}`,
  title: '<b>takes</b> long',
  why: 'slow: 300 s',
  kind: 'slow' as const,
}))
const SOUND = 'evidence/heard #1.wav'
const HALF_A_SECOND = wavOf(Int16Array.from({ length: 4000 }, (_, i) => (i % 20 < 10 ? 9000 : -9000)))

/** With one recording whose file is there, one whose file is gone, one that leads elsewhere, and one without sound. */
function withRecordings(run: RunResult): RunResult {
  const recordings = [[SOUND], ['evidence/gone.wav'], ['https://example.net/x.wav'], []].map((evidence, index) => ({
    who: `alice, call ${index + 1} <img src=x onerror="window.hacked = 3">`,
    direction: 'heard' as const,
    seconds: evidence.length / 2,
    evidence,
  }))
  return { ...run, scenarios: run.scenarios.map((one) => ({ ...one, recordings })) }
}

/** A failing scenario as it is passed on, unpacked by whoever gets it. */
async function unpackBundle(run: string, to: string): Promise<void> {
  const out = `${to}.zip`
  const order = { id: 'retransmission/lost-200-is-resent', run, out, withoutCapture: true }
  await performBundle(order, contextFor().context)
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(out)))) {
    const path = join(to, ...name.split('/').slice(1))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}

describe.skipIf(skipsBrowser('the report in a browser'))('the report in a browser', () => {
  let folder = ''
  let browser: Browser
  let page: Page
  /** Everything that a page should not do. */
  let noise: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-browser-'))
    await writeReport(join(folder, 'faulty'), faultyRun())
    await writeReport(join(folder, 'passing'), passingRun())
    await writeReport(join(folder, 'surveyed'), surveyedRun())
    await writeReport(join(folder, 'compared'), comparedRun(HOSTILE))
    await writeReport(join(folder, 'long'), { ...passingRun(), notRun: MANY_SLOW })
    await writeReport(join(folder, 'heard'), withRecordings(faultyRun()))
    mkdirSync(join(folder, 'heard', 'evidence'))
    writeFileSync(join(folder, 'heard', SOUND), HALF_A_SECOND)
    await unpackBundle(join(folder, 'faulty'), join(folder, 'bundle'))
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    noise = []
    page.on('console', (message) => noise.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => noise.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => noise.push(`dialog: ${dialog.message()}`))
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) noise.push(`request: ${request.url()}`)
    })
  })
  afterEach(async () => {
    const hacked: unknown = await page.evaluate('window.hacked')
    await page.close()
    expect(hacked).toBeUndefined()
    expect(noise).toEqual([])
  })

  type Run = 'heard' | 'long' | 'faulty' | 'passing' | 'surveyed' | 'compared' | 'bundle'
  const address = (run: Run, hash = '') => `${pathToFileURL(join(folder, run, 'index.html')).href}${hash}`
  const open = async (run: Run, hash = '') => {
    await page.goto(address(run, hash))
    await page.waitForSelector('html[data-ready]')
  }
  const shownRows = () => page.locator('#rows > tr:visible').count()
  const evaluate = (script: string): Promise<unknown> => page.evaluate(script)

  test('shows hostile texts and runs none of them, on every page that has them', async () => {
    await open('faulty')
    expect(await page.locator('h1').first().textContent()).toBe('embedded <img src=x onerror="window.hacked = 2">')
    await open('faulty', '#/scenario/retransmission/lost-200-is-resent/udp/ipv4')
    await page.locator('button[data-all=open]').click()
    expect(await page.locator('.message').count()).toBeGreaterThan(10)
    expect(await page.locator('.ln.bad').textContent()).toContain('</script><script>window.hacked = 1</script>')
    await page.locator('.ln details summary').first().click()
    await open('faulty', '#/scenario/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E/udp/ipv4')
    expect(await page.locator('#scenario').textContent()).toContain('no such scenario')
    await open('faulty', '#/?text=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&area="><script>alert(1)</script>')
    expect(await shownRows()).toBe(0)
  })

  test('plays the audio that lies beside it, and no other', async () => {
    await open('heard', '#/scenario/retransmission/lost-200-is-resent/udp/ipv4')
    const missing = 'error: Failed to load resource: net::ERR_FILE_NOT_FOUND'
    await page.waitForFunction(
      'document.querySelectorAll("audio").length === 1 && document.querySelector("audio").readyState > 0',
    )
    expect(await evaluate('document.querySelector("audio").duration')).toBe(0.5)
    expect(await page.locator('.recordings li').allTextContents()).toEqual([
      expect.stringMatching(/heard 500 ms .*heard #1\.wav/),
      expect.stringMatching(/gone\.wav/),
      expect.stringMatching(/https:\/\/example\.net/),
      expect.stringMatching(/nothing that can be played/),
    ])
    expect(await page.locator('.recordings a').count()).toBe(2)
    const file = HALF_A_SECOND.toString('base64')
    const loudest = `(async () => {
      const bytes = Uint8Array.from(atob('${file}'), (char) => char.charCodeAt(0))
      const sound = await new OfflineAudioContext(1, 8000, 8000).decodeAudioData(bytes.buffer)
      return [sound.length, sound.numberOfChannels, Math.round(Math.max(...sound.getChannelData(0)) * 32768)]
    })()`
    expect(await evaluate(loudest)).toEqual([4000, 1, 9000])
    expect(noise).toEqual([missing])
    noise = []
  })

  test('leads those who do not know SIP to a page of their own, whose problems lead back to the cards', async () => {
    await open('faulty')
    await page.locator('header a[href="customers.html"]').click()
    expect(await page.locator('h1').first().textContent()).toBe('embedded <img src=x onerror="window.hacked = 2">')
    const width = async () => await evaluate('document.documentElement.scrollWidth - innerWidth')
    await page.setViewportSize({ width: 360, height: 800 })
    expect(await width()).toBe(0)
    await page.locator('li.finding a', { hasText: 'this card' }).first().click()
    await page.waitForSelector('html[data-ready]')
    expect(await evaluate('location.hash')).toMatch(/^#finding-\d+$/)
  })

  test('what changed stands before all else, and what is new leads to its card', async () => {
    await open('compared')
    expect(await page.locator('h2').first().textContent()).toContain(HOSTILE)
    await page.locator('nav.top a', { hasText: 'Changes' }).click()
    expect(await evaluate('location.hash')).toBe('#comparison')
    await page.locator('#comparison [data-state=new] li a').first().click()
    expect(await evaluate('location.hash')).toMatch(/^#finding-\d+$/)
    expect(await page.locator(`${String(await evaluate('location.hash'))} h3`).textContent()).toContain(
      'Calls are lost',
    )
    for (const details of await page.locator('#comparison details summary').all()) await details.click()
    expect(await page.locator('#comparison td', { hasText: '95 ms' }).isVisible()).toBe(true)
    await page.setViewportSize({ width: 360, height: 800 })
    expect(await evaluate('document.documentElement.scrollWidth')).toBe(360)
  })

  test('a bundle opens at its scenario, with messages, from disk and by itself', async () => {
    await open('bundle')
    expect(await evaluate('location.hash')).toBe('#/scenario/retransmission/lost-200-is-resent/udp/ipv4')
    expect(await page.locator('#scenario h1').isVisible()).toBe(true)
    await page.locator('button[data-all=open]').click()
    expect(await page.locator('.message').count()).toBeGreaterThan(10)
    await page.setViewportSize({ width: 360, height: 800 })
    expect(await evaluate('document.documentElement.scrollWidth')).toBe(360)
    await page.locator('[data-back]').click()
    expect(await page.locator('#rows > tr:visible').count()).toBe(1)
  })

  test('the filter narrows the list, stands in the address and survives a reload', async () => {
    await open('faulty')
    const all = await shownRows()
    await page.locator('label.toggle', { hasText: 'fail' }).click()
    expect(await shownRows()).toBe(9)
    await page.locator('[name=area]').selectOption('registrar')
    expect(await shownRows()).toBe(6)
    await page.locator('[name=text]').fill('one-binding ipv6')
    expect(await shownRows()).toBe(3)
    expect(await evaluate('location.hash')).toBe('#/?verdict=fail&area=registrar&text=one-binding+ipv6')
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    expect(await shownRows()).toBe(3)
    expect(await page.locator('[name=text]').inputValue()).toBe('one-binding ipv6')
    // A section's link leaves the filter where it is.
    await page.locator('nav.top a', { hasText: 'Matrix' }).click()
    expect(await evaluate('location.hash')).toContain('area=registrar')
    await page.locator('button[type=reset]').click()
    expect(await shownRows()).toBe(all)
    expect(await evaluate('location.hash')).toBe('#/')
  })

  test('passes are folded by area until somebody unfolds or filters them', async () => {
    await open('faulty')
    const folded = await shownRows()
    const heads = await page.locator('button.fold').count()
    expect(heads).toBeGreaterThan(3)
    expect(await page.locator('#rows > tr[data-verdict=pass]:visible').count()).toBe(0)
    expect(await page.locator('#rows > tr[data-verdict=fail]:visible').count()).toBe(9)
    const head = page.locator('button.fold').first()
    await head.focus()
    await page.keyboard.press('Enter')
    expect(await head.getAttribute('aria-expanded')).toBe('true')
    const passed = Number(await head.locator('b').textContent())
    expect(await shownRows()).toBe(folded + passed)
    await page.keyboard.press('Space')
    expect(await shownRows()).toBe(folded)
    // What is filtered is shown, however it was folded, and without the heads of the areas.
    await page.locator('label.toggle', { hasText: 'pass' }).click()
    expect(await page.locator('button.fold:visible').count()).toBe(0)
    expect(`${await shownRows()} of 73`).toBe(await page.locator('#shown').textContent())
  })

  test('the first screen names every problem, and each leads to its finding', async () => {
    await open('faulty')
    const links = page.locator('.headlines a')
    expect(await links.count()).toBeGreaterThan(0)
    for (const link of await links.all()) {
      const text = await link.textContent()
      const box = await link.boundingBox()
      expect((box?.y ?? 0) + (box?.height ?? 0), `${text} is on the first screen`).toBeLessThan(800)
      await link.click()
      const finding = page.locator((await link.getAttribute('href')) ?? '')
      expect(await finding.locator('h3').textContent()).toContain(text)
      await evaluate('scrollTo(0, 0)')
    }
  })

  test.each(['light', 'dark'] as const)('every text can be read against its ground: AA (%s)', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    for (const [run, hash] of [
      ['faulty', ''],
      ['faulty', '#/scenario/retransmission/lost-200-is-resent/udp/ipv4?arrow=8'],
      ['surveyed', ''],
      ['compared', ''],
      ['surveyed', '#/scenario/survey/reach/tls/ipv4'],
    ] as const) {
      await open(run, hash)
      await evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
      expect(await evaluate(LOW_CONTRAST), `${run} ${hash}`).toEqual([])
    }
  })

  test('a vital sign has a page, which leads to its finding and back', async () => {
    await open('surveyed')
    await page.locator('table.vital a', { hasText: 'wrong password' }).click()
    await page.waitForSelector('#scenario article')
    expect(await evaluate('location.hash')).toBe('#/scenario/survey/account/udp/ipv4/bob')
    expect(await page.locator('#scenario .sentence').textContent()).toMatch(/^bob was refused with 403/)
    await page.locator('#scenario header a', { hasText: 'Account bob cannot log in' }).click()
    await page.waitForSelector('#overview:not([hidden])')
    expect(await page.locator('#finding-1').evaluate((it) => it.getBoundingClientRect().top)).toBeLessThan(200)
  })

  test('a card leads to what it blocks', async () => {
    await open('surveyed')
    await page.locator('#finding-0 a', { hasText: 'tests because of this' }).click()
    const list = page.locator('#blocked-by-finding-0')
    expect(await list.evaluate((it) => it.getBoundingClientRect().top)).toBeLessThan(800)
    await list.locator('summary').click()
    const lines = (await list.locator('li:visible').allTextContents()).join(' ')
    expect(lines.match(/TLS IPv[46]/g)).toHaveLength(25)
  })

  test('a long list is made when it is opened, by a click or for paper', async () => {
    await open('long')
    const entries = page.locator('#not-tested li')
    expect(await entries.count()).toBe(0)
    await page.locator('#not-tested summary', { hasText: 'Which' }).click()
    await entries.nth(MANY_SLOW.length - 1).waitFor()
    expect(await entries.last().textContent()).toBe('area/slow-199: <b>takes</b> long')
    await open('long')
    await evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(await entries.count()).toBe(MANY_SLOW.length + 1)
  })

  test('a cell with several scenarios leads to them', async () => {
    await open('faulty')
    await page.locator('a.cell[title^="Registration, TCP IPv4"]').click()
    // The address changes at once; that the page follows it is an event of its own.
    await page.locator('#shown', { hasText: '3 of 73' }).waitFor()
    expect(await shownRows()).toBe(3)
    expect(await page.locator('#scenarios-h').evaluate((it) => it.getBoundingClientRect().top)).toBeLessThan(400)
  })

  test('a link leads to a scenario and to a message in it; back leads where one came from', async () => {
    await open('faulty', '#/scenario/retransmission/lost-200-is-resent/udp/ipv6?arrow=8')
    expect(await page.locator('#scenario h1').textContent()).toMatch(/^A 200 whose ACK is lost/)
    expect(await page.title()).toMatch(/^fail: retransmission\/lost-200-is-resent udp\/ipv6/)
    expect(await page.locator('#arrow-8').getAttribute('aria-expanded')).toBe('true')
    expect(await page.locator('#message-8').textContent()).toContain('INVITE sip:00038799999@ringproof.test')
    expect(await page.locator('#overview').isVisible()).toBe(false)

    await open('faulty', '#/?verdict=fail')
    await page.locator('#rows a:visible').nth(2).click()
    await page.waitForSelector('#scenario article')
    await page.locator('.crumbs a', { hasText: 'Next' }).click()
    await page.waitForFunction("location.hash.includes('tcp/ipv6')")
    await page.locator('[data-back]').click()
    await page.waitForSelector('#overview:not([hidden])')
    expect(await evaluate('location.hash')).toBe('#/?verdict=fail')
    expect(await shownRows()).toBe(9)
  })

  test('all of it goes by keyboard: matrix, scenario, arrow, message, and back', async () => {
    await open('faulty')
    await page.locator('a.cell[title^="Service numbers, UDP"]').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('#scenario article')
    expect(await evaluate('document.activeElement.id')).toBe('scenario-h')
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab')
      if ((await evaluate("document.activeElement.classList.contains('arrow')")) === true) break
    }
    expect(await evaluate('document.activeElement.id')).toBe('arrow-0')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    expect(await evaluate('document.activeElement.id')).toBe('arrow-1')
    await page.keyboard.press('Enter')
    expect(await page.locator('#message-1').textContent()).toContain('SIP/2.0 401 Unauthorized')
    await page.keyboard.press('Escape')
    expect(await page.locator('#message-1').count()).toBe(0)
    await page.keyboard.press('End')
    expect(await evaluate('document.activeElement.id')).toBe('arrow-22')
    await page.goBack()
    await page.waitForSelector('#overview:not([hidden])')
    expect(await evaluate("document.activeElement.getAttribute('title')")).toMatch(/^Service numbers, UDP/)
  })

  test('a check leads to its message', async () => {
    await open('faulty', '#/scenario/retransmission/lost-200-is-resent/udp/ipv4')
    await page.locator('[data-open]').first().click()
    expect(await page.locator('#arrow-8').getAttribute('aria-expanded')).toBe('true')
    expect(await page.locator('#message-8 .ln.bad').count()).toBe(1)
  })

  test('copies a scenario as text', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await open('faulty', '#/scenario/nat/keep-alive/udp/ipv4')
    await page.locator('button', { hasText: 'Copy as text' }).click()
    await page.locator('button', { hasText: 'Copied' }).waitFor()
    expect(await evaluate('navigator.clipboard.readText()')).toMatch(
      /^✗ FAIL {2}nat\/keep-alive \[udp ipv4\]\r?\n[^]*actual {4}no INVITE reached/,
    )
  })

  test.each(['light', 'dark'] as const)('draws the curves, each with its unit (%s)', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await open('passing')
    expect(await page.locator('.curve canvas').count()).toBe(6)
    const painted = await evaluate(`(() => {
      const canvas = document.querySelector('.curve canvas')
      return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0)
    })()`)
    expect(painted).toBe(true)
  })

  test.each([
    ['faulty', ''],
    ['passing', ''],
    ['surveyed', ''],
    ['compared', ''],
    ['surveyed', '#/scenario/survey/account/udp/ipv4/bob'],
    ['faulty', '#/?verdict=pass'],
    ['faulty', '#/scenario/retransmission/lost-200-is-resent/udp/ipv4?arrow=8'],
  ] as const)('at 360 px nothing has to be pushed sideways (%s %s)', async (run, hash) => {
    await page.setViewportSize({ width: 360, height: 700 })
    await open(run, hash)
    expect(await evaluate('document.documentElement.scrollWidth')).toBe(360)
  })

  test('prints the first screen, findings, matrix and list, without what cannot be clicked', async () => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await open('faulty')
    expect(await page.locator('.sentence').first().isVisible()).toBe(true)
    expect(await page.locator('.matrix').first().isVisible()).toBe(true)
    expect(await page.locator('#filter').isVisible()).toBe(false)
    expect(await evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
  })

  test('without JavaScript the first screen, findings, matrix and list are there', async () => {
    const plain = await browser.newPage({ javaScriptEnabled: false })
    await plain.goto(address('faulty'))
    for (const selector of ['.sentence', '.finding', '.matrix', '#rows tr', '.relays', '#not-tested', 'noscript p'])
      expect(await plain.locator(selector).first().isVisible(), selector).toBe(true)
    for (const selector of ['#filter', '.copy']) expect(await plain.locator(selector).first().isVisible()).toBe(false)
    await plain.close()
  })
})
