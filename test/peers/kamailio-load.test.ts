import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../src/result/result.js'
import { endTurn, missingPrograms, takeTurn, targetFile } from './kamailio.js'

const missing = missingPrograms()
if (missing && process.env['CI']) throw new Error(`Kamailio cannot be started: ${missing}`)
if (missing) console.log(`Kamailio cannot be started, its tests are skipped: ${missing}`)

const program = fileURLToPath(new URL('../../bin/ringproof.mjs', import.meta.url))
const [FAILED, INVALID, NOT_RUN] = [1, 4, 5]
/** Metrics of k6 that tell how well the machine kept up. */
const OF_TIME = ['voip_mos', 'rtp_jitter', 'rtp_loss_ratio', 'sip_session_request_delay']

describe.skipIf(missing)('a load on Kamailio with five relays', () => {
  beforeAll(takeTurn)
  afterAll(endTurn)

  it('has every call completed with audio both ways, and every relay in use', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-load-'))
    test.onTestFinished(() => rmSync(folder, { recursive: true }))
    const out = join(folder, 'report')
    const size = ['--calls', '40', '--rate', '10', '--hold', '6']
    // Between accounts: what the services send through a relay is not ours to count.
    const calls = ['--profile', 'load', '--to', 'account', ...size]
    const args = [program, 'load', '--target', targetFile, ...calls, '--out', out]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    if (code === NOT_RUN && !process.env['CI']) test.skip(`k6 is missing: ${said.trim().split('\n').at(-1)}`)

    const result: RunResult = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    const { load } = result
    expect([said, load?.calls]).toEqual([
      said,
      expect.objectContaining({ completed: load?.calls.started, failed: 0, oneWay: 0 }),
    ])
    expect(load!.calls.completed).toBeGreaterThanOrEqual(40)
    expect(load!.relays.map(({ name }) => name).sort()).toEqual(['relay-1', 'relay-2', 'relay-3', 'relay-4', 'relay-5'])
    for (const relay of load!.relays)
      expect([relay.name, relay.calls > 0, relay.oneWayCalls]).toEqual([relay.name, true, 0])
    // Five rtpengines, each asked before and after: all of them count what the agents count.
    const { relayCounts = [] } = load!
    expect(relayCounts.map(({ relays, control }) => [relays, control])).toEqual(
      [1, 2, 3, 4, 5].map((nth) => [[`relay-${nth}`], `127.0.0.1:${22155 + nth}`]),
    )
    for (const { state, took, ours, sessions, errors, left, text } of relayCounts) {
      // What our own sockets dropped, or the machine was too busy for, makes another state; it is never shared or mute.
      expect([text, state]).toEqual([text, load!.valid ? 'agree' : expect.toBeOneOf(['agree', 'lost', 'differ'])])
      expect([text, errors, left, sessions]).toEqual([text, 0, undefined, ours.calls])
      expect(Math.abs(took! - ours.sent - ours.rtcpSent)).toBeLessThanOrEqual(ours.edges)
    }
    // The calls share this machine with their target: where it was too busy, limits on time may be crossed, and nothing else.
    const crossed = (load?.thresholds ?? []).flatMap(({ metric, ok }) => (ok ? [] : [metric]))
    const isLate = crossed.length > 0 && crossed.every((metric) => OF_TIME.includes(metric))
    if (load?.valid === false) expect(load.generator.problems).not.toEqual([])
    const codes = load?.valid === false ? [INVALID, ...(isLate ? [FAILED] : [])] : isLate ? [FAILED] : [0]
    expect({ said, crossed, code }).toEqual({ said, crossed, code: expect.toBeOneOf(codes) })
  })

  it('has scenarios run many at a time, and none of them fails', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-load-'))
    test.onTestFinished(() => rmSync(folder, { recursive: true }))
    const out = join(folder, 'report')
    const size = ['--rate', '4', '--duration', '15']
    const args = [program, 'load', '--target', targetFile, '--profile', 'scenarios', ...size, '--out', out]
    const child = spawn(process.execPath, args, { stdio: 'ignore' })
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    if (code === NOT_RUN && !process.env['CI']) test.skip('k6 is missing')

    const { load, sentence }: RunResult = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    const runs = load?.scenarios ?? []
    expect(runs.reduce((sum, one) => sum + one.runs, 0)).toBe(60)
    const failed = runs.filter(({ verdicts }) => (verdicts['fail'] ?? 0) + (verdicts['error'] ?? 0) > 0)
    expect([sentence, failed.map(({ id, first }) => [id, first.map(({ reason }) => reason)])]).toEqual([sentence, []])
    // On a busy machine it is not valid; it never fails for that.
    expect([0, INVALID]).toContain(code)
  })
})
