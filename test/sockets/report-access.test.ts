/** The pages for those who see, point or read otherwise: axe-core's rules, the keyboard, zoom, paper. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routerPage } from '../../src/report/router-page.js'
import { judgePage } from '../../src/report/judge-page.js'
import { writeReport } from '../../src/report/write-report.js'
import { comparedRun } from '../unit/report/compared-run.js'
import { faultyRun, relaysMet } from '../unit/report/fixtures.js'
import { judgedCapture } from '../unit/report/judged-capture.js'
import { routerResult } from '../unit/report/router-result.js'
import { surveyedRun } from '../unit/report/surveyed-run.js'
import { launchBrowser, skipsBrowser } from './browser.js'

/** Rules that did not hold, each with the first elements that broke it. */
const VIOLATIONS = `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' ')))`

/** Both widths, both palettes. */
const VIEWS = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 420, height: 900, colorScheme: 'dark' },
] as const

describe.skipIf(skipsBrowser('accessible reports'))('accessible', () => {
  let folder = ''
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-access-'))
    await writeReport(join(folder, 'faulty'), { ...faultyRun(), relays: relaysMet() })
    await writeReport(join(folder, 'surveyed'), surveyedRun())
    await writeReport(join(folder, 'compared'), comparedRun())
    writeFileSync(join(folder, 'router.html'), routerPage(routerResult()))
    writeFileSync(
      join(folder, 'judge.html'),
      judgePage(judgedCapture(`<b>${'much-too-long'.repeat(20)}</b> \u202e words`)),
    )
    browser = await launchBrowser()
    page = await browser.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = async (path: string, hash = '') => {
    await page.goto('about:blank')
    await page.goto(`${pathToFileURL(join(folder, path)).href}${hash}`)
    if (path.endsWith('index.html')) await page.waitForSelector('html[data-ready]')
  }

  test.each([
    ['the report, with relays and a load', 'faulty/index.html', ''],
    ['a scenario', 'faulty/index.html', '#/scenario/retransmission/lost-200-is-resent/udp/ipv4?arrow=8'],
    ['what customers notice', 'faulty/customers.html', ''],
    ['a survey with what is missing', 'surveyed/index.html', ''],
    ['a comparison', 'compared/index.html', ''],
    ['a router', 'router.html', ''],
    ['a capture, judged', 'judge.html', ''],
  ])(
    '%s: axe-core finds nothing, wide and light, narrow and dark; nothing is pushed sideways',
    async (_, path, hash) => {
      await open(path, hash)
      await page.evaluate(axe.source)
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
      for (const { colorScheme, ...size } of VIEWS) {
        await page.setViewportSize(size)
        await page.emulateMedia({ colorScheme })
        expect(await page.evaluate(VIOLATIONS), `${size.width} px, ${colorScheme}`).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width)
      }
      // A window of 1280 px at 200 %.
      await page.setViewportSize({ width: 640, height: 450 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(640)
    },
  )

  test('Escape closes a message, then leads back to the list; the address says where one is', async () => {
    const hash = async () => await page.evaluate('location.hash')
    const scenario = '#/scenario/retransmission/lost-200-is-resent/udp/ipv4'
    await open('faulty/index.html', '#/?verdict=fail')
    const link = page.locator(`#rows a[href="${scenario}"]`)
    await link.focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('#scenario article')
    await page.locator('#arrow-1').focus()
    await page.keyboard.press('Enter')
    expect(await hash()).toBe(`${scenario}?arrow=1`)
    await page.keyboard.press('Escape')
    expect(await hash()).toBe(scenario)
    expect(await page.locator('.opened').count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.waitForSelector('#overview:not([hidden])')
    expect(await hash()).toBe('#/?verdict=fail')
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe(scenario)
    await page.keyboard.press('Escape')
    expect(await hash()).toBe('#/?verdict=fail')
  })

  test('every action is reached by Tab, in the order of the page, and where one is can be seen', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    for (const path of ['faulty/index.html', 'faulty/customers.html']) {
      await open(path)
      const all = Number(
        await page.evaluate(`(() => {
          window.order = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')].filter(
            (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('details:not([open]) > :not(summary)'),
          )
          return order.length
        })()`),
      )
      expect(all).toBeGreaterThan(9)
      for (let at = 0; at < all; at++) {
        await page.keyboard.press('Tab')
        const seen = await page.evaluate(`(() => {
          const it = document.activeElement
          const shown = it.matches('.toggle input') ? it.parentElement : it
          const { outlineStyle } = getComputedStyle(shown)
          return order[${at}] === it && outlineStyle !== 'none' ? true : order[${at}].outerHTML.slice(0, 200) + ' / ' + it.outerHTML.slice(0, 200) + outlineStyle
        })()`)
        expect(seen).toBe(true)
      }
    }
  })

  test('the relays of a load can be read at 420 px without pushing', async () => {
    await open('faulty/index.html')
    await page.setViewportSize({ width: 420, height: 900 })
    const wide: unknown = await page.evaluate(
      `[...document.querySelectorAll('.scroll:has(.relays)')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)`,
    )
    expect(wide).toEqual([])
    for (const label of ['Lost', 'Worst call']) {
      expect(
        await page.evaluate(
          `getComputedStyle(document.querySelector('#load .relays tr.bad td[data-label="${label}"]'), '::before').content`,
        ),
      ).toContain(label)
    }
  })

  test.each(['faulty/index.html', 'faulty/customers.html', 'surveyed/index.html', 'judge.html'])(
    'on paper all cards are open and no table is cut (%s)',
    async (path) => {
      await open(path)
      // A4 without its margins; what does not fit is cut.
      await page.setViewportSize({ width: 718, height: 1000 })
      await page.emulateMedia({ media: 'print' })
      await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
      const hidden: unknown = await page.evaluate(
        `[...document.querySelectorAll('details > :not(summary)')].filter((one) => one.closest('#overview, main:not(:has(#overview))') && !one.checkVisibility()).length`,
      )
      expect(hidden).toBe(0)
      const cut: unknown = await page.evaluate(
        `[...document.querySelectorAll('main *')].filter((one) => one.checkVisibility() && !one.closest('.hidden, svg') && one.getBoundingClientRect().right > 719).map((one) => one.outerHTML.slice(0, 120))`,
      )
      expect(cut).toEqual([])
      await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
      expect(await page.locator('details[open]').count()).toBeLessThan(10)
      await page.emulateMedia({ media: 'screen' })
    },
  )
})
