import { expect, it } from 'vitest'
import { parseTarget } from '../../../src/target/target-file.js'
import { providerOf } from '../../../src/worlds/target-under-test.js'

const file = (media: string) =>
  parseTarget(
    `name: x\ndomain: x.test\nmedia: ${media}\naccounts: [{ user: a, password: b, numbers: ["1"] }, { user: c, authUser: d, password: e }]\n`,
    { file: 'x.yaml', env: {} },
  )

it.each([
  ['{}', {}],
  ['{ srtp: [AES_CM_128_HMAC_SHA1_80], srtpOn: { tls: required } }', { encryptedOn: ['tls'] }],
  ['{ srtp: [AES_CM_128_HMAC_SHA1_80], srtpOn: { tls: optional } }', { encryptedOn: [] }],
  ['{ srtp: [AES_CM_128_HMAC_SHA1_80], srtpOn: { tls: required, udp: required } }', { encryptedOn: ['udp', 'tls'] }],
])('the embedded provider that a file with media: %s asks for', (media, policy) => {
  const order = providerOf(file(media))
  expect(order.policy).toEqual(policy)
  expect(order.accounts).toMatchObject([
    { user: 'a', authUser: 'a', password: 'b', numbers: ['1'] },
    { user: 'c', authUser: 'd', password: 'e' },
  ])
})
