import { describe, expect, test } from 'vitest'
import { ownTroubleIn, type OwnMachine } from '../../../src/monitor/own-network.js'
import type { RunResult } from '../../../src/result/result.js'
import { surveyedRun } from '../report/surveyed-run.js'

const ROUTES = `Iface	Destination	Gateway 	Flags
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
`
const neighbours = (flags: string) => `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         ${flags}         02:fc:00:00:00:05     *        eth0
`
const machine = (change: Partial<OwnMachine> = {}): OwnMachine => ({
  routes: () => ROUTES,
  neighbours: () => neighbours('0x2'),
  hasDns: () => Promise.resolve(true),
  ...change,
})

/** Nothing of the target answered, each time for this reason. */
function unreachable(code: string, host = 'sip.example.net'): RunResult {
  const run = surveyedRun()
  const survey = run.survey!
  const signs = survey.vitalSigns.filter(({ id }) => id === 'survey/reach').map((sign) => ({ ...sign, code }))
  expect(signs.length).toBeGreaterThan(0)
  return {
    ...run,
    exitCode: 3,
    target: { ...run.target, endpoints: [`udp ${host}:5060`] },
    survey: { ...survey, vitalSigns: signs },
  }
}

describe('a target that cannot be reached', () => {
  test('is this machine’s own trouble where no route leads there, or the gateway is silent, or no DNS server answers', async () => {
    expect(await ownTroubleIn(unreachable('no-route'), false, machine())).toBe('this machine has no route to it')
    expect(await ownTroubleIn(unreachable('no-answer'), false, machine({ neighbours: () => neighbours('0x0') }))).toBe(
      'the gateway of this machine (192.0.2.1) does not answer',
    )
    const deaf = machine({ hasDns: () => Promise.resolve(false) })
    expect(await ownTroubleIn(unreachable('name-not-found'), false, deaf)).toBe('no DNS server of this machine answers')
  })

  test('is the target’s otherwise', async () => {
    expect(await ownTroubleIn(unreachable('no-answer'), false, machine())).toBeUndefined()
    expect(await ownTroubleIn(unreachable('name-not-found'), false, machine())).toBeUndefined()
    expect(
      await ownTroubleIn(unreachable('refused'), false, machine({ hasDns: () => Promise.resolve(false) })),
    ).toBeUndefined()
    expect(
      await ownTroubleIn(unreachable('no-answer'), false, machine({ routes: () => '', neighbours: () => '' })),
    ).toBeUndefined()
  })

  test('is the target’s where its file names the DNS server that does not answer', async () => {
    const deaf = machine({ hasDns: () => Promise.resolve(false) })
    expect(await ownTroubleIn(unreachable('name-not-found'), true, deaf)).toBeUndefined()
  })

  test('on this machine itself needs no gateway', async () => {
    const dark = machine({ neighbours: () => neighbours('0x0') })
    expect(await ownTroubleIn(unreachable('no-answer', '127.0.0.71'), false, dark)).toBeUndefined()
  })

  test('is not asked about where the run reached it', async () => {
    const dark = machine({ neighbours: () => neighbours('0x0') })
    expect(await ownTroubleIn({ ...unreachable('no-answer'), exitCode: 1 }, false, dark)).toBeUndefined()
  })
})
