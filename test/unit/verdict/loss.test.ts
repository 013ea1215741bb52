import { describe, expect, it } from 'vitest'
import type { AudioLoss, ScenarioResult } from '../../../src/result/result.js'
import type { PathLoss } from '../../../src/verdict/facts.js'
import { losesPackets, verdictOfLosses } from '../../../src/verdict/loss.js'
import { check, on, result, run } from './records.js'

const loss = (lost: number, expected: number, more: Partial<AudioLoss> = {}): AudioLoss => {
  return { relay: 'relay-1', expected, lost, gaps: lost, ...more }
}
const path = (again: number, requests = 1000): PathLoss => {
  return { requests, again, apart: { requests: requests / 2, again } }
}
/** As a scenario leaves it. */
const heard = (losses: AudioLoss[], variant = 'udp/ipv4'): ScenarioResult => {
  const verdict = verdictOfLosses(losses)
  const found = check('complete', {
    losses,
    cause: 'audio-lost',
    verdict: verdict === 'open' ? 'inconclusive' : verdict,
    ...(verdict === 'open' ? { reasonCode: 'packet-lost' } : {}),
  })
  const reasonCode = verdict === 'fail' ? 'rule-broken' : verdict === 'open' ? 'packet-lost' : undefined
  return result('media/echo', [found], { ...on(variant), ...(reasonCode ? { reasonCode } : {}) })
}

describe('a share of lost packets is judged by what it proves', () => {
  it.each([
    ['nothing lost', loss(0, 250), 'pass'],
    ['two of 250', loss(2, 250), 'pass'],
    ['three of 250: too few to tell', loss(3, 250), 'open'],
    ['fifty of 250', loss(50, 250), 'fail'],
    ['fifty of 250 in one burst: too few bursts to tell', loss(50, 250, { gaps: 1 }), 'open'],
    ['2 % of 10,000', loss(200, 10_000), 'fail'],
    ['1.1 % of 10,000', loss(110, 10_000), 'open'],
  ])('%s', (_, one, verdict) => {
    expect(verdictOfLosses([one])).toBe(verdict)
  })
})

describe('over the whole run', () => {
  const verdicts = (scenarios: ScenarioResult[], of: PathLoss | undefined) =>
    run({ scenarios, path: of }).scenarios.map(({ verdict, reasonCode }) => [verdict, reasonCode])

  it('what two tests cannot tell all packets of the relay do', () => {
    const few = heard([loss(5, 250)])
    const many = ['tcp/ipv4', 'tls/ipv4', 'udp/ipv6', 'tcp/ipv6', 'tls/ipv6'].map((one) => heard([loss(10, 500)], one))
    expect(verdicts([few, ...many], path(0))).toEqual(Array.from({ length: 6 }, () => ['fail', 'rule-broken']))
    expect(verdicts([few, heard([loss(0, 5000)], 'tls/ipv4')], path(0))[0]).toEqual(['pass', undefined])
    expect(verdicts([few], path(0))).toEqual([['inconclusive', 'packet-lost']])
  })

  it('a path that loses as much of signalling explains it, and is told once', () => {
    const lossy = ['udp/ipv4', 'tls/ipv4'].map((one) => heard([loss(40, 2000)], one))
    expect(verdicts(lossy, path(20))).toEqual([
      ['warn', 'path-loses'],
      ['warn', 'path-loses'],
    ])
    const { findings, exitCode } = run({ scenarios: [...lossy, result('proxy/route', [])], path: path(20) })
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([['PATH-LOSS', 'warn']])
    expect(exitCode).toBe(0)
  })

  it('a path that loses nothing does not, nor one that loses less', () => {
    expect(verdicts([heard([loss(40, 2000)])], path(0))).toEqual([['fail', 'rule-broken']])
    expect(verdicts([heard([loss(400, 2000)])], path(20))).toEqual([['fail', 'rule-broken']])
  })

  it('in bursts, requests that follow each other closely tell the same thing twice', () => {
    const bursts = heard([loss(200, 4000, { gaps: 40 })])
    const clumped = { requests: 1000, again: 15, apart: { requests: 300, again: 15 } }
    expect(verdicts([bursts], clumped)).toEqual([['warn', 'path-loses']])
    expect(verdicts([bursts], { ...clumped, apart: { requests: 900, again: 5 } })).toEqual([['fail', 'rule-broken']])
  })

  it('one relay of two that loses is named, the other passes', () => {
    const through = (relay: string, lost: number) =>
      ['udp/ipv4', 'tls/ipv4'].map((one) => ({ ...heard([loss(lost, 2000, { relay })], one), relays: [relay] }))
    const { findings } = run({ scenarios: [...through('relay-1', 100), ...through('relay-2', 0)], path: path(0) })
    expect(findings).toMatchObject([{ id: 'audio-lost', where: { relays: ['relay-1'] } }])
  })

  it('without signalling over UDP a moderate loss may be the path’s, a large one is not', () => {
    expect(verdicts([heard([loss(60, 3000)])], undefined)).toEqual([['warn', 'path-loses']])
    expect(verdicts([heard([loss(600, 3000)])], undefined)).toEqual([['fail', 'rule-broken']])
  })
})

it('a path loses packets where several requests had to be repeated', () => {
  expect([undefined, path(2), path(4), path(5)].map(losesPackets)).toEqual([false, false, false, true])
})
