/** The pages for those who see, point or read otherwise: axe-core's rules, the keyboard, zoom, paper. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routerPage } from '../../src/report/router-page.js'
import { writeReport } from '../../src/report/write-report.js'
import { comparedRun } from '../unit/report/compared-run.js'
import { faultyRun, relaysMet } from '../unit/report/fixtures.js'
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
})
