/**
 * A run begins by getting to know the target: its vital signs, each on those before it, and facts that scenarios use. All
 * transports and address families at the same time, as far as accounts and the target's limits allow.
 */
import type { RegisterOutcome } from '../agent/registration.js'
import type { SurveyResult, VitalSign } from '../result/survey-result.js'
import type { Lease } from '../runner/account-pool.js'
import { ForeignHandsWatch } from '../runner/foreign-hands.js'
import type { TargetAccount } from '../target/target-file.js'
import type { Devices } from '../scenario/device-options.js'
import { type Facts, variantKey } from '../scenario/facts.js'
import type { Rules } from '../scenario/rule.js'
import { FAMILIES, knowing, TRANSPORTS } from '../scenario/target.js'
import type { ForeignHand } from '../verdict/facts.js'
import type { Variant } from '../scenario/variant.js'
import type { SeenNote } from '../verdict/facts.js'
import { type LoggedIn, logInAccounts } from './accounts.js'
import { type CallStage, callStory } from './call.js'
import { takesLateOffer, takesSrtp } from './fact-calls.js'
import { factLines } from './fact-lines.js'
import { FactsGatherer } from './facts.js'
import { Lender, type Suits } from './lender.js'
import { accountStory, registerStory, shortestInterval } from './login.js'
import { accountNotCalled, calledInVain, calledOnce } from './one-account.js'
import { deadAddressOf, type Reached, reachStory, unresolvedSign, unroutedSign } from './reach.js'
import { servicesOf, serviceStory } from './services.js'
import { type SignStory, type SurveyStage, tellSigns, type ToldSigns } from './sign.js'
import { reachAlone, reaches, type SurveyNeeds } from './survey-needs.js'
import type { TroubleCode } from './trouble.js'

export interface Survey {
  readonly result: SurveyResult
  readonly facts: Facts
  /** Users of the accounts that logged in; undefined where nothing needed one. */
  readonly accounts: readonly string[] | undefined
  /** Where the target led to, and nothing was sent. */
  readonly notes: readonly SeenNote[]
  /** Why the target is not reachable at all, in a sentence; undefined where anything of it answered. */
  readonly unreachable: string | undefined
  /** Who else was seen to use our accounts. */
  readonly foreign: readonly ForeignHand[]
}

export interface SurveyOptions extends SurveyStage {
  readonly needs: SurveyNeeds
}

/** Looks at the target as far as `needs` says. Never rejects for what a target does. */
export function survey(o: SurveyOptions): Promise<Survey> {
  return new Surveyor(o).look()
}

/** Does the target still answer, over any transport and family? */
export async function stillAnswers(stage: SurveyStage): Promise<boolean> {
  const { result } = await survey({ ...stage, needs: reachAlone() })
  return result.vitalSigns.some(({ id, verdict }) => id === REACH && verdict === 'pass')
}

/** Asks once more, at the end of a run, who is registered for these users: what is foreign goes to `stage.watch`. */
export async function lookAgain(users: readonly string[], { facts }: Survey, stage: SurveyStage): Promise<void> {
  if (facts.serves.registerQuery !== true || stage.watch === undefined) return
  const { document } = stage.world.target
  const variant = VARIANTS.find((one) => facts.paths[variantKey(one)] !== undefined)
  const accounts = document.accounts.filter(({ user }) => users.includes(user)).slice(0, MOST_LOOKED_AT)
  if (variant === undefined) return
  await Promise.all(
    accounts.map((account) => {
      const about = { variant, lease: new Map([['phone', account]]), account: account.user, quiet: true }
      return tellSigns(
        accountStory('query', () => {}),
        about,
        stage,
      )
    }),
  )
}

const MOST_LOOKED_AT = 64

class Surveyor {
  readonly #needs: SurveyNeeds
  readonly #gatherer = new FactsGatherer()
  readonly #signs: VitalSign[] = []
  readonly #notes: SeenNote[] = []
  readonly #watch: ForeignHandsWatch
  #stage: SurveyStage
  #lender: Lender | undefined
  /** Users whose calls arrive nowhere, where those of others do. */
  readonly #uncalled = new Set<string>()

  constructor({ needs, watch = new ForeignHandsWatch(), ...stage }: SurveyOptions) {
    this.#needs = needs
    this.#watch = watch
    this.#stage = { ...stage, watch }
  }

  async look(): Promise<Survey> {
    const { clock, target } = this.#stage.world
    const begunAt = clock.now()
    const reached = await this.#reach()
    const loggedIn = await this.#logIn(reached)
    if (loggedIn && loggedIn.good.length > 0 && !this.#stage.signal?.aborted) {
      this.#lender = new Lender(target.document, this.#undisturbedFirst(loggedIn.good))
      await this.#call(reached.filter((variant) => this.#wants(variant, 'login')))
    }
    return {
      result: {
        durationMs: Math.round(clock.now() - begunAt),
        vitalSigns: this.#signs
          .map((sign) => withoutForeignHands(sign, this.#watch))
          .toSorted((a, b) => rankOf(a) - rankOf(b)),
        facts: factLines(this.#gatherer.facts),
      },
      facts: this.#gatherer.facts,
      accounts: loggedIn?.good.map(({ user }) => user).filter((user) => !this.#uncalled.has(user)),
      notes: this.#notes,
      unreachable: unreachable(this.#signs, target.name),
      foreign: this.#watch.seen,
    }
  }

  /** Accounts that somebody else was seen on are used where there are no others. */
  #undisturbedFirst(accounts: readonly TargetAccount[]): TargetAccount[] {
    const disturbed = new Set(this.#watch.seen.map(({ account }) => account))
    return accounts.toSorted((a, b) => Number(disturbed.has(a.user)) - Number(disturbed.has(b.user)))
  }

  /** The transports and families over which the server answers, in the order in which they are preferred. */
  async #reach(): Promise<Variant[]> {
    const { target } = this.#stage.world
    const wanted = VARIANTS.filter(
      (variant) =>
        reaches(this.#needs.reliance.get(variantKey(variant)), 'reach') &&
        target.document.endpoints[variant.transport] !== undefined &&
        target.document.families.includes(variant.family) &&
        !target.document.unsupported.some((word) => word === variant.transport || word === variant.family),
    )
    const found = await Promise.all(wanted.map((variant) => this.#reachOne(variant)))
    const answering = wanted.filter((_, i) => found[i]?.every(({ id, code }) => id !== REACH || code === undefined))
    this.#signs.push(...found.flatMap((signs) => signs.map((sign) => deadAddressOf(sign, answering, target))))
    this.#stage = {
      ...this.#stage,
      world: { ...this.#stage.world, target: knowing(target, this.#gatherer.facts) },
    }
    return answering
  }

  async #reachOne(variant: Variant): Promise<readonly VitalSign[]> {
    const { world } = this.#stage
    const [hop] = world.target.hops(variant)
    if (!hop) {
      const sign = unresolvedSign(variant, world.target)
      return sign ? [sign] : []
    }
    const [account] = world.target.document.accounts
    if (!account || !world.address(variant.family)) return [unroutedSign(variant, hop)]
    const reached: Reached = {}
    const told = await tellSigns(
      reachStory(variant, world.target, reached),
      { variant, lease: new Map([['probe', account]]) },
      this.#stage,
    )
    if (reached.server !== undefined) this.#gatherer.servers[variantKey(variant)] = reached.server
    if (reached.servesOptions !== undefined) this.#gatherer.serves.options ??= reached.servesOptions
    this.#read(told, variant)
    return told.signs
  }

  async #logIn(reached: readonly Variant[]): Promise<LoggedIn | undefined> {
    const [best, ...others] = reached.filter((variant) => this.#wants(variant, 'login'))
    if (best === undefined) return undefined
    const loggedIn = await logInAccounts(
      this.#stage.world.target.document,
      [best, ...others],
      this.#needs,
      this.#stage,
      (told, variant) => this.#read(told, variant),
    )
    this.#signs.push(...loggedIn.signs)
    if (loggedIn.servesQuery !== undefined) this.#gatherer.serves.registerQuery = loggedIn.servesQuery
    return loggedIn
  }

  /** Registers and calls over each, and calls the services over the first that works. */
  async #call(variants: readonly Variant[]): Promise<void> {
    const pairs = this.#lender?.hasFor({ alice: {}, bob: {} })
    const lines = variants.map((variant) =>
      pairs && this.#wants(variant, 'call') ? this.#callOver(variant, variants) : this.#registerOver(variant),
    )
    const { services } = this.#needs
    const serving = servicesOf(this.#stage.world.target.document).filter(({ need }) => services.has(need))
    const line = Promise.all(lines).then((all) => all.find((one) => one?.calls) ?? all.find((one) => one !== undefined))
    const served = serving.map(async (service) => {
      const works = await line
      if (!works) return
      const story = serviceStory(service, {
        srtp: works.srtp,
        tell: (times) => {
          this.#gatherer.learned.echo = times
        },
      })
      await this.#tell(story, works.variant)
    })
    await Promise.all([...lines, ...served])
  }

  /** Undefined where nobody can register. */
  async #registerOver(variant: Variant): Promise<Line | undefined> {
    const told = await this.#tell(
      registerStory((outcome) => this.#registered(outcome)),
      variant,
    )
    return told && has(told, 'survey/login') ? { variant, calls: false, srtp: false } : undefined
  }

  async #callOver(variant: Variant, all: readonly Variant[]): Promise<Line | undefined> {
    const { transport } = variant
    const { plainAudio, srtp } = this.#gatherer
    const canEncrypt = this.#stage.world.target.document.media.srtp.length > 0
    const tell = (outcome: RegisterOutcome) => this.#registered(outcome)
    // Where the target file says so, its telephones encrypt by themselves.
    const stated = this.#stage.world.target.document.media.srtpOn[transport]
    if (stated !== undefined)
      srtp[transport] = ({ required: 'required', optional: 'taken', none: 'refused' } as const)[stated]
    const isRefused = (told: ToldSigns) => canEncrypt && wantsEncryption(told)
    const more = this.#needs.facts ? (stage: CallStage) => this.#learn(stage, variant, all) : undefined
    const plain = await this.#tellOfCalls(callStory({ tell, more }), variant, (told) => !isRefused(told))
    if (!plain || !has(plain, 'survey/login')) return undefined
    this.#gatherer.readsCall(plain.record)
    if (!isRefused(plain)) {
      const calls = has(plain, 'survey/call')
      if (calls && stated !== 'required') plainAudio[transport] = true
      return { variant, calls, srtp: stated === 'required' }
    }
    const encrypted = await this.#tellOfCalls(callStory({ srtp: true, tell }), variant)
    if (!encrypted || !has(encrypted, 'survey/call')) return { variant, calls: false, srtp: false }
    this.#gatherer.readsCall(encrypted.record)
    plainAudio[transport] = false
    srtp[transport] = 'required'
    return { variant, calls: true, srtp: true }
  }

  /** What only calls of their own tell: SRTP once a transport, the rest once. */
  async #learn(stage: CallStage, variant: Variant, all: readonly Variant[]): Promise<void> {
    const { srtp, serves, learned } = this.#gatherer
    const { transport } = variant
    const { alice, bob } = stage
    if (srtp[transport] === undefined && all.find((one) => one.transport === transport) === variant) {
      const taken = await takesSrtp(stage, alice, bob)
      if (taken !== undefined) srtp[transport] = taken ? 'taken' : 'refused'
    }
    if (all[0] !== variant) return
    const late = await takesLateOffer(stage, alice, bob)
    if (late !== undefined) serves.lateOffer = late
    const minimum = await shortestInterval(alice, stage)
    if (minimum !== undefined && learned.registration) learned.registration = { ...learned.registration, minimum }
  }

  #registered({ expires, own, contacts }: RegisterOutcome): void {
    const { learned } = this.#gatherer
    learned.registration ??= { asked: ASKED_S, ...(expires === undefined ? {} : { granted: expires }) }
    learned.listsContacts ??= own ? 'as sent' : contacts.length > 0 ? 'rewritten' : 'not'
  }

  /** A call that does not arrive is tried with two other accounts. If it arrives there, and again not where it did not, it is about that account. */
  async #tellOfCalls(
    story: ReturnType<typeof callStory>,
    variant: Variant,
    counts: (told: ToldSigns) => boolean = () => true,
  ): Promise<ToldSigns | undefined> {
    const works = (told: ToldSigns | undefined) => told !== undefined && has(told, 'survey/call')
    const first = await this.#tell(story, variant, (told) => counts(told) && calledInVain(told) === undefined)
    const called = first && calledInVain(first)
    if (!first || called === undefined || !counts(first)) return first
    const others: Suits = (_, { user }) =>
      !this.#uncalled.has(user) && !first.signs.some(({ accounts }) => accounts?.includes(user))
    const elsewhere = await this.#tell(story, variant, () => false, others)
    if (!elsewhere || !works(elsewhere)) {
      this.#signs.push(...first.signs)
      return first
    }
    const isCalled: Suits = (device, account) => (device === 'bob' ? account.user === called : others(device, account))
    const again = await this.#tell(story, variant, () => false, isCalled)
    if (again === undefined || calledInVain(again) !== called) {
      this.#signs.push(...calledOnce(first, elsewhere))
      return elsewhere
    }
    this.#signs.push(...elsewhere.signs)
    // Two lines may have met it at the same time.
    if (!this.#uncalled.has(called)) this.#signs.push(...accountNotCalled(first, called))
    this.#uncalled.add(called)
    return elsewhere
  }

  /** Tells a story with accounts of its own; undefined where there are too few. */
  async #tell<R extends Rules, D extends Devices>(
    story: SignStory<R, D>,
    variant: Variant,
    counts: (told: ToldSigns) => boolean = () => true,
    suits: Suits = (_, { user }) => !this.#uncalled.has(user),
  ): Promise<ToldSigns | undefined> {
    const use = (lease: Lease) => tellSigns(story, { variant, lease }, this.#stage)
    const told = await this.#lender?.lend(story.devices, use, suits)
    if (!told) return undefined
    this.#read(told, variant)
    if (counts(told)) this.#signs.push(...told.signs)
    return told
  }

  #read({ record, note }: ToldSigns, variant: Variant): void {
    if (note !== undefined) this.#notes.push(note)
    this.#gatherer.reads(record, variant)
  }

  #wants(variant: Variant, sign: 'login' | 'call'): boolean {
    return reaches(this.#needs.reliance.get(variantKey(variant)), sign)
  }
}

/** A call that somebody else may have taken, or ended, says nothing of the target: that sign is not missing, but open. */
function withoutForeignHands(sign: VitalSign, watch: ForeignHandsWatch): VitalSign {
  const hand = (sign.accounts ?? []).map((account) => watch.handOn(account)).find((one) => one !== undefined)
  if (!hand || sign.verdict !== 'fail' || !DISTURBED.has(sign.id)) return sign
  const { code: _, ...rest } = sign
  return {
    ...rest,
    verdict: 'inconclusive',
    reasonCode: 'foreign-hands',
    reason: `Somebody else used the account ${hand.account} meanwhile: ${sign.reason}`,
    checks: sign.checks.map((check) =>
      check.verdict === 'fail' ? { ...check, verdict: 'inconclusive', reasonCode: 'foreign-hands' } : check,
    ),
  }
}

const DISTURBED = new Set(['survey/call', 'survey/audio', 'survey/hang-up'])

/** What devices ask for. */
const ASKED_S = 600

const REACH = 'survey/reach'

/** A transport and family over which devices register, and whether calls work there. */
interface Line {
  readonly variant: Variant
  readonly calls: boolean
  /** Only with encrypted audio. */
  readonly srtp: boolean
}

const has = ({ signs }: ToldSigns, id: string): boolean =>
  signs.some((sign) => sign.id === id && sign.verdict === 'pass')

/** Was plain audio what the target did not take? */
const wantsEncryption = ({ troubles }: ToldSigns): boolean =>
  troubles.some(({ code }) => code === 'rejected-488' || code === 'rejected-415' || code === 'rejected-606')

/** Codes that say that nobody was met; anything else came from somebody. */
const NOBODY = new Set<string | undefined>([
  'name-not-found',
  'no-address',
  'no-local-address',
  'no-route',
  'refused',
  'no-answer',
  'reset',
  'dead-address',
  'unreachable',
] satisfies TroubleCode[])

function unreachable(signs: readonly VitalSign[], name: string): string | undefined {
  const reach = signs.filter(({ id }) => id === REACH)
  if (reach.length === 0 || !reach.every(({ code }) => NOBODY.has(code) && code !== undefined)) return undefined
  const reasons = [...new Set(reach.map(({ reason }) => reason))]
  return `${name} is not reachable: ${reasons.join('; ')}. Check the endpoints in the target file, and that this machine may reach them.`
}

const VARIANTS: readonly Variant[] = FAMILIES.flatMap((family) =>
  TRANSPORTS.map((transport) => ({ transport, family })),
)

const ORDER = ['reach', 'every-address', 'account', 'login', 'call', 'audio', 'hang-up'].map((name) => `survey/${name}`)

/** Signs stand in the order in which they rest on each other, services at the end; those of one kind by family and transport. */
function rankOf({ id, variant }: VitalSign): number {
  const rank = ORDER.indexOf(id)
  const { length } = VARIANTS
  return (rank < 0 ? ORDER.length : rank) * length + VARIANTS.findIndex((one) => variantKey(one) === keyOf(variant))
}

const keyOf = ({ transport, family }: VitalSign['variant']): string => `${transport}/${family}`
