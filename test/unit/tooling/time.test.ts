import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url).pathname

/** Who may know the machine's time: nobody of them ever runs in virtual time. */
const MAY = [
  /^src\/clock\//,
  /^src\/cli\//,
  // The main thread of a load, and k6: the threads that call take their time from a Clock.
  /^src\/load\/(?:agent-server|ask-threads|call-agent|call-book|load-tally|worker-pool|k6-program|k6-run|runs\/run-desk|runs\/run-threads)\.ts$/,
  // In the process of whoever uses the package.
  /^src\/agent-client\//,
  // Processes of their own.
  /^src\/worlds\/(?:provider-process|launch-script)\.ts$/,
  // Time limits of processes and of the monitor's own talk with others: the monitor itself takes its time from a Clock.
  /^src\/monitor\/(?:child-round|delivery)\.ts$/,
  // Validity is compared with the machine's date by those who read it.
  /^src\/transport\/certificates\.ts$/,
  // Runs in a browser.
  /^src\/report\/client\//,
]

const MACHINE_TIME =
  /\bperformance\.now\(|\bDate\.now\(|\bnew Date\(\)|\bset(?:Timeout|Interval|Immediate)\(|timers\/promises|process\.hrtime/

/** Who may ask for the date: a step of the system's clock must move no deadline, and lengthen nothing that is measured. */
const MAY_ASK_FOR_THE_DATE = [
  /^src\/transport\/certificates\.ts$/,
  /^src\/cli\/provider\.ts$/,
  // It goes on for weeks, over sleeps of the machine and steps of its clock, and tells people when something was.
  /^src\/cli\/monitor\.ts$/,
]
const DATE = /\bDate\.now\(|\bnew Date\(\)/

const files = ['src', 'scenarios'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
)
const usersOf = (what: RegExp) => files.filter((file) => what.test(readFileSync(`${root}${file}`, 'utf8')))

test('what is measured is measured by a clock that no one sets', () => {
  const users = usersOf(DATE)
  expect(users).toContain('src/transport/certificates.ts')
  expect(users.filter((file) => !MAY_ASK_FOR_THE_DATE.some((may) => may.test(file)))).toEqual([])
})

test('whatever may run in virtual time takes its time from a Clock', () => {
  expect(files.length).toBeGreaterThan(300)
  const users = usersOf(MACHINE_TIME)
  expect(users).toContain('src/clock/wall-clock.ts')
  expect(users.filter((file) => !MAY.some((may) => may.test(file)))).toEqual([])
})
