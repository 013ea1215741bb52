/** Journeys of one make of phone over all lines, side by side at one provider. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Desk, Journey, Scene } from './journeys.js'
import { ProviderProcess } from './provider-process.js'
import { type Line, LINES, type Settings, type Telephone } from './telephone.js'

/** A wake-up call is ordered a while after the provider was started; so it rings soon. */
const TIME = '06:59:20'
/** Hz, each whole periods in 50 ms, and none of them near the mailbox's beep. */
const TONES = [440, 620, 780]
const TEST_MS = 240_000

interface Make {
  readonly name: string
  /** Why it cannot be started here. */
  readonly lacks: string | undefined
  readonly makes: (settings: Settings) => Telephone
  readonly journeys: readonly (readonly [what: string, journey: Journey])[]
}

export function tryAtProvider({ name, lacks, makes, journeys }: Make): void {
  if (lacks !== undefined && process.env['CI']) throw new Error(lacks)
  if (lacks !== undefined) console.log(`${name}'s tests are skipped: ${lacks}`)

  describe.skipIf(lacks !== undefined)(`${name} at ringproof provider`, () => {
    let provider: ProviderProcess
    const phones: Telephone[] = []
    /** The third account is the one that diversions lead to. */
    const DIVERSIONS = 2
    let accounts = DIVERSIONS
    /** One journey after another has its phone there. */
    let diversions: Promise<unknown> = Promise.resolve()

    const at = (line: Line, account: number, o: { tone: number; light: boolean }): Telephone => {
      const { user, password } = provider.target.accounts[account]!
      const { udp, tls } = provider.target.endpoints
      const phone = makes({
        ...line,
        account: { user, password },
        server: { host: provider.host, port: (line.transport === 'tls' ? tls : udp)!.port },
        authority: provider.authority,
        ...o,
      })
      phones.push(phone)
      return phone
    }

    beforeAll(async () => {
      provider = await ProviderProcess.start(TIME, 200)
    })
    afterAll(async () => {
      await Promise.all(phones.map((phone) => phone.ends()))
      try {
        await provider.isEmpty()
      } finally {
        await provider.stop()
      }
    })

    const goes = async (line: Line, journey: Journey): Promise<void> => {
      const own: Telephone[] = []
      const users = new Set<string>()
      const desk = async (account: number, light = false): Promise<Desk> => {
        const { user, numbers } = provider.target.accounts[account]!
        const phone = at(line, account, { tone: TONES[own.length]!, light })
        own.push(phone)
        users.add(user)
        await phone.registers()
        expect(await provider.reaches(user, 'registered')).toBe(line.transport)
        return { phone, number: numbers[0] ?? user, caller: user }
      }
      const diversionTo = (during: (there: Desk) => Promise<void>): Promise<void> => {
        const done = diversions.then(async () => {
          const there = await desk(DIVERSIONS)
          await during(there)
          await there.phone.ends()
          await provider.isRidOf([there.caller])
          users.delete(there.caller)
        })
        diversions = done.catch(() => {})
        return done
      }
      const { services } = provider.target
      const place: Scene['desk'] = ({ again, light } = {}) => {
        const known = provider.target.accounts.findIndex(({ user }) => user === again?.caller)
        if (known < 0) accounts += 1
        return desk(known < 0 ? accounts : known, light)
      }
      const isServed = async ({ caller }: Desk): Promise<void> =>
        expect(await provider.reaches(caller, 'served')).toBe(line.transport)
      await journey({
        services,
        desk: place,
        diversionTo,
        isServed,
        clock: async () => (await provider.presence()).clock,
      })
      await Promise.all(own.map((phone) => phone.ends()))
      await provider.isRidOf([...users])
    }

    // The journeys that wait longest are begun first.
    for (const [what, journey] of journeys) {
      it.concurrent.each(LINES.map((line) => [nameOf(line), line] as const))(
        `${what}: %s`,
        (_, line) => goes(line, journey),
        TEST_MS,
      )
    }
  })
}

function nameOf({ transport, keys }: Line): string {
  return `${transport.toUpperCase()}, ${{ none: 'RTP', sdes: 'SRTP with keys in SDP', dtls: 'DTLS-SRTP' }[keys]}`
}
