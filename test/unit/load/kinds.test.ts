import { expect, test } from 'vitest'
import { kindsInWords } from '../../../src/load/kinds.js'

test('kinds of calls, in words', () => {
  const flow = { expected: 100, seconds: 10, peak: 10 }
  expect(
    kindsInWords({
      ...flow,
      calls: [
        {
          weight: 3,
          call: {
            name: 'office',
            to: 'account',
            holdMs: { medianMs: 90_000, sigma: 0.8 },
            media: { codec: 'PCMA', ptimeMs: 30 },
          },
        },
        { weight: 1, call: { to: 'account', outcome: 'busy', transport: 'tls' } },
      ],
    }),
  ).toEqual([
    '75 % office: to account, held 90 s (median, log-normal, sigma 0.8), PCMA, 30 ms packets',
    '25 % to account, busy on purpose, TLS',
  ])
  const auto = { ...flow, calls: [{ weight: 1, call: {} }] }
  expect(kindsInWords(auto, { echo: 0, account: 7 })).toEqual(['between accounts (auto)'])
  expect(kindsInWords(auto, { echo: 7, account: 0 })).toEqual(['to the echo test (auto)'])
  expect(
    kindsInWords({
      ...flow,
      calls: [
        {
          weight: 1,
          call: { holdMs: 5000, media: { srtp: 0.5 }, transport: ['udp', 'tls'], family: ['ipv4', 'ipv6'] },
        },
      ],
    }),
  ).toEqual(['to the echo test and between accounts (auto), held 5 s, 50 % SRTP, UDP and TLS, IPv4 and IPv6'])
})
