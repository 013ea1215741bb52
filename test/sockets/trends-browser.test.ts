/** The pages of many runs in a real browser: a history from disk, a monitor from its server with the policy that it sends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStatusServer, type StatusServer } from '../../src/monitor/status-server.js'
import { monitorWithTrouble, trendsOfTwo } from '../unit/report/trends.js'
import { launchBrowser, skipsBrowser } from './browser.js'

const VIOLATIONS = 'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))'

describe.skipIf(skipsBrowser('pages of many runs'))('pages of many runs', () => {
  let folder = ''
  let browser: Browser
  let server: StatusServer
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-trends-'))
    writeFileSync(join(folder, 'history.html'), await trendsOfTwo())
    server = await startStatusServer({
      host: '127.0.0.1',
      port: 0,
      root: folder,
      page: monitorWithTrouble,
      metrics: () => Promise.resolve({ type: 'text/plain', text: '' }),
      status: () => ({}),
    })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens a page in both widths and palettes; whatever it says on the console is wrong. */
  async function each(address: string, look: (page: Page) => Promise<void>): Promise<void> {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [420, 'dark'],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one browser
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      const noise: string[] = []
      page.on('console', (message) => noise.push(message.text()))
      page.on('pageerror', (error) => noise.push(error.message))
      // oxlint-disable-next-line no-await-in-loop -- the same
      await page.goto(address)
      // oxlint-disable-next-line no-await-in-loop -- the same
      await look(page)
      // oxlint-disable-next-line no-await-in-loop -- the same
      await page.evaluate(axe.source)
      // oxlint-disable-next-line no-await-in-loop -- the same
      expect(await page.evaluate(VIOLATIONS)).toEqual([])
      // oxlint-disable-next-line no-await-in-loop -- the same
      expect(await page.evaluate('[document.documentElement.scrollWidth, window.hacked]')).toEqual([width, undefined])
      expect(noise).toEqual([])
      // oxlint-disable-next-line no-await-in-loop -- the same
      await page.close()
    }
  }

  test('a history shows one target or all, by keyboard too, and draws its figures; hostile names run nothing', async () => {
    await each(pathToFileURL(join(folder, 'history.html')).href, async (page) => {
      expect(await page.locator('section.target:visible').count()).toBe(2)
      expect(await page.locator('.curve canvas').count()).toBeGreaterThan(1)
      await page.locator('#of-target').focus()
      await page.keyboard.press('ArrowDown')
      await page.locator('#of-target').selectOption('t-1')
      expect(await page.locator('section.target:visible').count()).toBe(1)
      expect(await page.evaluate('location.hash')).toBe('#t-1')
      await page.reload()
      expect(await page.locator('section.target:visible').count()).toBe(1)
      expect(await page.locator('.trend:visible').count()).toBeGreaterThan(0)
    })
  })

  test('a monitor shows what is open, with rule, expected, actual, and leads to report and capture', async () => {
    await each(server.url, async (page) => {
      expect(await page.locator('h1').textContent()).toContain('embedded')
      expect(await page.title()).toMatch(/^\(\d\) Monitor/)
      expect(await page.locator('article.finding').count()).toBeGreaterThan(0)
      expect(await page.locator('article.finding a', { hasText: 'report' }).first().getAttribute('href')).toBe(
        '/rounds/r3/index.html',
      )
      expect(await page.locator('.curve canvas').count()).toBeGreaterThan(0)
    })
  })
})
