import { describe, expect, it } from 'vitest'
import type { AudioLoss } from '../../../src/result/audio.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import type { PathLoss } from '../../../src/verdict/facts.js'
import { losesPackets, verdictByRelay, verdictOfLosses } from '../../../src/verdict/loss.js'
import { check, on, result, run } from './records.js'

const loss = (lost: number, expected: number, more: Partial<AudioLoss> = {}): AudioLoss => {
  return { relay: 'relay-1', expected, lost, gaps: lost, ...more }
}
const path = (again: number, requests = 1000): PathLoss => {
  return { requests, again, apart: { requests: requests / 2, again } }
}
/** As a scenario leaves it. */
const heard = (losses: AudioLoss[], variant = 'udp/ipv4'): ScenarioResult => {
  const verdict = verdictByRelay(losses)
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

describe('what a check says in the end', () => {
  const through = (...losses: AudioLoss[]) => heard(losses)
  const said = (scenarios: ScenarioResult[], of?: PathLoss) => {
    const [first] = run({ scenarios, path: of }).scenarios
    const { verdict, reasonCode, actual } = first!.checks[0]!
    return [verdict, reasonCode, actual, first!.verdict, first!.reason]
  }
  const other = (lost: number, expected: number) => loss(lost, expected, { relay: 'relay-2' })

  it('of losses that the whole run makes small: it held', () => {
    const more = heard([loss(0, 5000)], 'tls/ipv4')
    const whole = 'that; 0.1 % lost (5 of 5250 packets) through relay-1 in the whole run'
    expect(said([through(loss(5, 250)), more], path(0))).toEqual(['pass', undefined, whole, 'pass', ''])
    // Just the limit is no fail, of each relay by itself.
    const [one, two] = [heard([loss(48, 4750)], 'tls/ipv4'), heard([other(1, 900)], 'tcp/ipv4')]
    const both = 'that; 0.9 % lost (54 of 6000 packets) through relay-1 and relay-2 in the whole run'
    const first = through(loss(2, 250), other(3, 100))
    expect(said([first, one, two], path(0))).toEqual(['pass', undefined, both, 'pass', ''])
  })

  it('of losses that stay too few to tell', () => {
    const words = 'that; 2.0 % lost (5 of 250 packets) through relay-1 in the whole run: too few to tell from 1 %'
    const [verdict, code, actual, ...whole] = said([through(loss(5, 250))], path(0))
    expect([verdict, code, actual]).toEqual(['inconclusive', 'packet-lost', words])
    expect(whole).toEqual(['inconclusive', `not decided: rule complete holds – expected: this; actual: ${words}`])
    // One relay of two is enough for that.
    expect(said([through(loss(5, 250), other(0, 250))], path(0))[0]).toBe('inconclusive')
  })

  it('of losses that the path explains', () => {
    const words =
      'that; 2.0 % lost (40 of 2000 packets) through relay-1 in the whole run; the path to the target loses as much: 20 of 1000 requests had to be repeated'
    expect(said([through(loss(40, 2000))], path(20))).toEqual([
      'inconclusive',
      'path-loses',
      words,
      'warn',
      `rule complete holds: ${words}`,
    ])
    const two = through(loss(40, 2000), other(0, 2000))
    expect(said([two], path(20))[1]).toBe('path-loses')
    const { paraphrase: _, ...bare } = two.checks[0]!
    expect(said([{ ...two, checks: [bare] }], path(20))[4]).toMatch(/^complete: that; /)
  })

  it('of losses that nothing explains, of one relay of two', () => {
    expect(said([through(loss(400, 2000), other(0, 2000))], path(20))[0]).toBe('fail')
    expect(said([through(loss(400, 2000), other(40, 2000))], path(20))[0]).toBe('fail')
  })

  it('leaves what held, what failed for another reason, and how the story ended', () => {
    const open = through(loss(40, 2000))
    const with_ = (...checks: ScenarioResult['checks']): ScenarioResult => ({
      ...open,
      checks: [...open.checks, ...checks],
    })
    const broken = run({ scenarios: [{ ...with_(check('other')), verdict: 'fail' }], path: path(20) }).scenarios[0]
    expect([broken?.verdict, broken?.reason]).toEqual([
      'fail',
      'rule broken: rule other holds – expected: this; actual: that',
    ])
    const late = check('late', { losses: [], verdict: 'inconclusive', reasonCode: 'harness-late' })
    const warned = check('warned', { losses: [], verdict: 'warn', reasonCode: 'packet-lost' })
    const [ended] = run({
      scenarios: [{ ...with_(late, warned), verdict: 'inconclusive', reasonCode: 'call-refused', reason: 'got 480' }],
      path: path(20),
    }).scenarios
    expect([ended?.verdict, ended?.reasonCode, ended?.reason]).toEqual(['inconclusive', 'call-refused', 'got 480'])
    expect(ended?.checks.map(({ reasonCode }) => reasonCode)).toEqual(['path-loses', 'harness-late', 'packet-lost'])
  })
})

it('how many repeated requests a loss of 2 % leaves possible: 20 are likely, 11 are not', () => {
  const code = (again: number) =>
    run({ scenarios: [heard([loss(4000, 200_000)])], path: path(again) }).scenarios[0]?.reasonCode
  expect([20, 12, 9, 2].map(code)).toEqual(['path-loses', 'path-loses', 'rule-broken', 'rule-broken'])
})

it('a path loses packets where several requests had to be repeated', () => {
  expect([undefined, path(2), path(4), path(5)].map(losesPackets)).toEqual([false, false, false, true])
  expect([path(2, 100), path(3, 100)].map(losesPackets)).toEqual([false, true])
})
