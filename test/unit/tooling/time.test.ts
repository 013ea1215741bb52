import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url).pathname

/** Who may know the machine's time: nobody of them ever runs in virtual time. */
const MAY = [
  /^src\/clock\//,
  /^src\/cli\//,
  // The main thread of a load, and k6: the threads that call take their time from a Clock.
  /^src\/load\/(?:agent-server|call-agent|load-tally|worker-pool|k6-program|k6-run)\.ts$/,
  // Processes of their own.
  /^src\/worlds\/(?:provider-process|launch-script)\.ts$/,
  // Validity is compared with the machine's date by those who read it.
  /^src\/transport\/certificates\.ts$/,
  // Runs in a browser.
  /^src\/report\/client\//,
]

const MACHINE_TIME =
  /\bperformance\.now\(|\bDate\.now\(|\bnew Date\(\)|\bset(?:Timeout|Interval|Immediate)\(|timers\/promises|process\.hrtime/

test('whatever may run in virtual time takes its time from a Clock', () => {
  const files = ['src', 'scenarios'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  expect(files.length).toBeGreaterThan(300)
  const users = files.filter((file) => MACHINE_TIME.test(readFileSync(`${root}${file}`, 'utf8')))
  expect(users).toContain('src/clock/wall-clock.ts')
  expect(users.filter((file) => !MAY.some((may) => may.test(file)))).toEqual([])
})
