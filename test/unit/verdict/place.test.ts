import { describe, expect, it } from 'vitest'
import { check, on, result, run } from './records.js'

const ALL = ['udp/ipv4', 'tcp/ipv4', 'tls/ipv4', 'udp/ipv6', 'tcp/ipv6', 'tls/ipv6']

/** Where a rule shows that breaks in some variants and holds in others. */
const where = (broke: string[], held: string[]) =>
  run({
    scenarios: [
      ...broke.map((variant) => result('media/echo', [check('heard')], on(variant))),
      ...held.map((variant) => result('media/echo', [check('heard', { verdict: 'pass' })], on(variant))),
    ],
  }).findings[0]?.where

const others = (broke: string[]) => ALL.filter((variant) => !broke.includes(variant))

describe('where it showed', () => {
  it.each([
    [['tls/ipv4', 'tls/ipv6'], 'only on TLS'],
    [['udp/ipv6', 'tcp/ipv6', 'tls/ipv6'], 'only over IPv6'],
    [['tls/ipv6'], 'only on TLS over IPv6'],
    [['tcp/ipv4', 'tls/ipv4', 'tcp/ipv6', 'tls/ipv6'], 'only on TCP and TLS'],
    [['udp/ipv4', 'tls/ipv6'], 'only on UDP over IPv4 and TLS over IPv6'],
    [['udp/ipv4', 'tcp/ipv4', 'tls/ipv6', 'tls/ipv4'], 'on all but UDP and TCP over IPv6'],
    [ALL, 'on all transports'],
  ])('%s: %s', (broke, text) => {
    expect(where(broke, others(broke))?.text).toBe(text)
  })

  it('is named in codes only where it is less than all that was tested', () => {
    expect(where(['tls/ipv4'], ['udp/ipv4'])).toEqual({ transports: ['tls'], text: 'only on TLS' })
    expect(where(ALL, [])).toEqual({ text: 'on all transports' })
    expect(where(['tls/ipv4', 'tls/ipv6'], [])).toEqual({ text: 'over IPv4 and IPv6' })
    expect(where(['tls/ipv4'], [])).toBeUndefined()
    // The third one is not there, or was not tested.
    expect(where(['udp/ipv4', 'tls/ipv4'], [])).toEqual({ text: 'on UDP and TLS' })
  })

  it('does not take a variant for spared in which the rule was not looked at', () => {
    const scenarios = [
      result('media/echo', [check('heard')], on('tls/ipv4')),
      result('media/echo', [check('heard', { verdict: 'inconclusive' })], on('udp/ipv4')),
      result('media/other', [check('heard', { verdict: 'pass' })], on('tcp/ipv4')),
    ]
    expect(run({ scenarios }).findings[0]?.where).toBeUndefined()
  })
})

describe('the relay', () => {
  const call = (nth: number, relays: string[], broke: boolean, cause = 'no-audio') =>
    result(`media/call-${nth}`, [check('heard', { cause, verdict: broke ? 'fail' : 'pass' })], { relays })
  const text = (...scenarios: ReturnType<typeof call>[]) => run({ scenarios }).findings[0]?.where

  const twice = (relays: string[], broke: boolean, cause?: string) =>
    ['udp/ipv4', 'tcp/ipv4'].map((variant) => ({ ...call(1, relays, broke, cause), ...on(variant) }))

  it('is named where all that broke went through it, and nothing that held did', () => {
    const held = ['tls/ipv4', 'udp/ipv6'].map((variant) => ({
      ...call(1, ['relay-1', 'relay-2'], false),
      ...on(variant),
    }))
    expect(text(...twice(['relay-1', 'relay-3'], true), ...held)?.relays).toEqual(['relay-3'])
  })

  it('is named alone where the lines are those that its calls came over by chance', () => {
    const broke = ['udp/ipv4', 'tcp/ipv6'].map((variant) => ({ ...call(1, ['relay-3'], true), ...on(variant) }))
    const held = ['tcp/ipv4', 'udp/ipv6'].map((variant) => ({ ...call(1, ['relay-1'], false), ...on(variant) }))
    expect(text(...broke, ...held)).toEqual({ relays: ['relay-3'], text: 'only through relay-3' })
  })

  it('is not named where it also worked, where it was met once, or where the trouble is not audio', () => {
    const held = ['tls/ipv4', 'udp/ipv6'].map((variant) => ({
      ...call(1, ['relay-1', 'relay-3'], false),
      ...on(variant),
    }))
    expect(text(...twice(['relay-3'], true), ...held)?.relays).toBeUndefined()
    const well = ['tls/ipv4', 'udp/ipv6'].map((variant) => ({ ...call(1, ['relay-1'], false), ...on(variant) }))
    expect(text(call(1, ['relay-3'], true), ...well)?.relays).toBeUndefined()
    const odd = well.map((one) => ({ ...one, checks: one.checks.map((c) => ({ ...c, cause: 'tags-wrong' })) }))
    expect(text(...twice(['relay-3'], true, 'tags-wrong'), ...odd)?.relays).toBeUndefined()
  })
})
