/** Servers that do what a scenario must not blame them for, or do wrong where it used to look away. */
import { expect, it } from 'vitest'
import { createResponse } from '../../src/message/build.js'
import type { SipMessage, SipRequest } from '../../src/message/message.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import type { Verdict } from '../../src/result/terms.js'
import { allScenarios, inFirstVariant, runVirtually } from './detection.js'
import { type Disguise, runDisguised } from './disguise.js'
import { answersItself, type Box, type Line } from './middlebox.js'

const all = await allScenarios()
const scenariosOf = (id: string) => {
  const found = all.filter(({ definition }) => definition.id === id)
  expect(found, id).toHaveLength(1)
  return inFirstVariant(found)
}

/** Its verdict, and the rules that were broken. */
type Told = readonly [verdict: Verdict | undefined, broken: readonly string[]]

async function toldBehind(id: string, o: Disguise): Promise<Told> {
  const { scenarios } = await runDisguised(scenariosOf(id), { confirms: false, ...o })
  return toldOf(scenarios)
}

async function toldWith(id: string, faults: readonly FaultName[]): Promise<Told> {
  const { scenarios } = await runVirtually(scenariosOf(id), faults)
  return toldOf(scenarios)
}

function toldOf([result]: Awaited<ReturnType<typeof runDisguised>>['scenarios']): Told {
  const broken = result?.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn') ?? []
  return [result?.verdict, broken.map(({ id }) => id)]
}

const isAnswer = (message: SipMessage, method: string, status: number) =>
  message.kind === 'response' && message.cseq.method === method && message.status === status

const isInitial = (message: SipMessage): message is SipRequest =>
  message.kind === 'request' && message.method === 'INVITE' && message.to.tag === undefined

function withBody(message: SipMessage, type: string | undefined, body: string): void {
  message.body = Buffer.from(body)
  if (type === undefined) message.headers.remove('Content-Type')
  else message.headers.set('Content-Type', type)
  message.headers.set('Content-Length', String(message.body.length))
}

/** Takes the session description out of each 183, or writes something else there. */
const describesNothing =
  (type?: string, body = '') =>
  (): Box => ({
    down: (message) => {
      if (isAnswer(message, 'INVITE', 183)) withBody(message, type, body)
      return true
    },
  })

it('the answer to a PRACK may be lost, and the PRACK come again', async () => {
  const box = () => {
    const seen = new Set<number>()
    return {
      down: (message: SipMessage) => {
        if (!isAnswer(message, 'PRACK', 200) || seen.has(message.cseq.number)) return true
        seen.add(message.cseq.number)
        return false
      },
    }
  }
  expect(await toldBehind('dialog/reliable-between', { box })).toEqual(['pass', []])
})

it('each PRACK has to be answered rightly, not the first alone', async () => {
  const box = () => {
    const seen = new Set<number>()
    return {
      down: (message: SipMessage) => {
        if (message.kind !== 'response' || !isAnswer(message, 'PRACK', 200)) return true
        seen.add(message.cseq.number)
        if (seen.size > 1) message.status = 481
        return true
      },
    }
  }
  expect(await toldBehind('dialog/reliable-between', { box })).toEqual(['fail', ['accepted']])
})

it('no audio has to come before the answer where the caller is told of none', async () => {
  const options = { faults: ['early-media-not-led'], policy: { sharedCredentials: 'fork' } } as const
  for (const id of ['proxy/fork-early-media', 'media/ringing-after-early'])
    expect([id, await toldBehind(id, { box: describesNothing(), options })]).toEqual([id, ['pass', []]])
})

it('any sound will do before the answer of a forked call', async () => {
  const [, broken] = await toldWith('proxy/fork-early-media', ['relay-garbles-audio'])
  expect(broken).toEqual(['callerHears', 'winnerHears'])
})

it('a 183 that carries something else than a description promises no audio', async () => {
  const box = describesNothing('application/isup', 'isup')
  expect(await toldBehind('media/progress-without-description', { box })).toEqual(['pass', []])
})

it('audio that is told of in vain is a finding: telephones are to look whether it comes', async () => {
  const told = await toldWith('media/progress-without-description', ['progress-described-in-vain'])
  expect(told).toEqual(['warn', ['keepsWord']])
})

it('a 404 for an account without telephones does not mean that no text messages are carried', async () => {
  const box = () => answersItself((request) => (request.body.includes('are you away') ? 404 : undefined))
  expect(await toldBehind('lamps/text-message-away', { box })).toEqual(['pass', []])
})

it('a text message that is stored and answered 200 arrives later: it is not lost, and 202 would be better', async () => {
  let stored: SipRequest | undefined
  const box = (): Box => ({
    up: (message, line) => {
      if (message.kind !== 'request' || !message.body.includes('are you away')) return true
      stored = message
      line.deliver(createResponse(message, 200, undefined, { toTag: 'store' }))
      return false
    },
    down: (message, line) => {
      if (stored !== undefined && isAnswer(message, 'REGISTER', 200) && message.headers.has('Contact')) {
        line.deliver(stored)
        stored = undefined
      }
      return true
    },
  })
  expect(await toldBehind('lamps/text-message-away', { box })).toEqual(['warn', ['relayed']])
})

it('a Contact in the answer to a text message is shown there', async () => {
  const box = (): Box => ({
    down: (message) => {
      if (isAnswer(message, 'MESSAGE', 200)) message.headers.set('Contact', '<sip:store@203.0.113.9>')
      return true
    },
  })
  const { scenarios } = await runDisguised(scenariosOf('lamps/text-message'), { box, confirms: false })
  const check = scenarios[0]?.checks.find(({ id }) => id === 'noDialog')
  expect([check?.verdict, check?.line]).toEqual(['fail', expect.stringContaining('store@203.0.113.9')])
})

it('a lamp that was dark all along has not gone out', async () => {
  const box = (): Box => ({
    down: (message, line) => {
      if (message.kind !== 'request' || message.method !== 'NOTIFY') return true
      if (!/<state>(?:trying|proceeding|early)/.test(message.body.toString())) return true
      line.pass(createResponse(message, 200))
      return false
    },
  })
  expect(await toldBehind('lamps/busy-lamp-goes-out', { box })).toEqual(['inconclusive', []])
})

it('an empty state may be told first to a telephone that asks again in mid-call', async () => {
  const box = (): Box => {
    let subscribes = 0
    let more = 0
    return {
      up: (message) => {
        if (message.kind === 'request' && message.method === 'SUBSCRIBE') subscribes += 1
        return true
      },
      down: (message, line) => {
        if (message.kind !== 'request' || message.method !== 'NOTIFY') return true
        const isEmptied = subscribes === 3 && more === 0
        message.headers.set('CSeq', `${message.cseq.number + more} NOTIFY`)
        const text = message.body.toString().replace(/version="(\d+)"/, (_all, n) => `version="${Number(n) + more}"`)
        withBody(message, message.contentType, text)
        if (!isEmptied) return true
        more = 1
        const full = message.clone()
        full.headers.set('CSeq', `${message.cseq.number + 1} NOTIFY`)
        full.headers.set('Via', (message.headers.get('Via') ?? '').replace(/branch=/, 'branch=z9hG4bKmore'))
        withBody(
          full,
          full.contentType,
          text.replace(/version="(\d+)"/, (_all, n) => `version="${Number(n) + 1}"`),
        )
        withBody(message, message.contentType, text.replaceAll(/<dialog .*<\/dialog>/gs, ''))
        line.deliver(message)
        line.deliver(full)
        return false
      },
    }
  }
  expect(await toldBehind('lamps/busy-lamp-asked', { box })).toEqual(['pass', []])
})

it('silences that were tried for less than a minute tell nothing of a minute', async () => {
  expect(await toldWith('nat/longest-silence', ['timer-c-short'])).toEqual(['inconclusive', []])
})

it('a change of a call that is on is not one more call', async () => {
  const calls: { line: Line; invite: SipRequest; toTag: string }[] = []
  let number = 100
  const box = (): Box => {
    let arrived: SipRequest | undefined
    return {
      up: (message, line) => {
        if (isAnswer(message, 'INVITE', 200) && arrived !== undefined)
          calls.push({ line, invite: arrived, toTag: message.to.tag ?? '' })
        // The first is a call of others.
        const [, first] = calls
        if (isInitial(message) && first !== undefined) changes(first, (number += 1))
        return message.via.branch?.startsWith('z9hG4bKchange') !== true
      },
      down: (message) => {
        if (isInitial(message)) arrived = message.clone()
        return true
      },
    }
  }
  const options = { faults: ['channel-kept-after-bye'] } as const
  expect(await toldBehind('proxy/channel-limit', { box, options })).toEqual(['fail', ['freeAfterBye']])
})

/** A re-INVITE to the called device of a call, as a back-to-back user agent sends that changes the path of the audio. */
function changes({ line, invite, toTag }: { line: Line; invite: SipRequest; toTag: string }, cseq: number): void {
  const again = invite.clone()
  again.headers.set('CSeq', `${cseq} INVITE`)
  again.headers.set('To', `${invite.headers.get('To') ?? ''};tag=${toTag}`)
  again.headers.set('Via', (invite.headers.get('Via') ?? '').replace(/branch=[^;,]*/, `branch=z9hG4bKchange${cseq}`))
  line.deliver(again)
}

it('of key lines an answer without SRTP says nothing', async () => {
  expect(await toldWith('srtp/session-parameters', ['srtp-answered-plain'])).toEqual(['inconclusive', []])
})

it('a line that jitters may swallow words of a long call, which has not fallen silent for it', async () => {
  const [verdict, broken] = await toldWith('media/call-of-quarter-hour', ['relay-jitters'])
  expect(broken).toEqual([])
  expect(verdict).not.toBe('fail')
})

it('a transfer to a service that is down for everybody has not lost the caller', async () => {
  expect(await toldWith('services/transfer-to-echo', ['echo-down'])).toEqual(['inconclusive', []])
  expect(await toldWith('services/transfer-outside', ['announcements-of-silence'])).toEqual(['inconclusive', []])
})
