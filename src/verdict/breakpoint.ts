/** The most that a target carries, in words: what gave way first, at which load, and how it recovered. */
import type { LoadResult } from '../result/load-result.js'
import { wordsOfLimit } from './limits.js'
import { counted, listed, raised } from '../result/texts.js'
import type { TroubleWords } from './trouble.js'

type Breakpoint = NonNullable<LoadResult['breakpoint']>
type Search = Breakpoint['searches'][number]
type Crossing = NonNullable<Search['gaveWay']>

/** What is told of a search on a card. */
export interface LimitFound extends TroubleWords {
  readonly isRecovered: boolean
  readonly relays: readonly string[]
}

/** `relay-3 carries 20 calls at a time and is the first to give way; the signalling carries at least 40 calls a second`. */
export const breakpointInWords = ({ searches }: Breakpoint): string => raised(searches.map(limitInWords).join('; '))

/** Where the generator came to its end before the target did. */
export function ceilingOf({ searches }: Breakpoint): string[] {
  return searches.flatMap(({ what, carried, generator }) =>
    generator === undefined
      ? []
      : [
          `this machine generates no more than ${carried} ${what}: the target’s limit lies beyond (at ${generator.failedAt}: ${generator.problems.join('; ')})`,
        ],
  )
}

/** One for each search in which something gave way. */
export function limitsFound({ searches }: Breakpoint): LimitFound[] {
  return searches.flatMap((search): LimitFound[] => {
    const { what, brokeAt, gaveWay, recovered, recoveredAfterS = 0, relays } = search
    if (brokeAt === undefined) return []
    const isRecovered = recovered !== false
    const relay = firstRelay(search)
    const others = relays.filter(({ name }) => name !== relay?.name)
    const back = isRecovered
      ? recoveredAfterS < 1
        ? 'all was well again at once'
        : `all was well again after ${recoveredAfterS.toFixed(0)} s`
      : 'it did not recover within two minutes'
    return [
      {
        isRecovered,
        gravity: isRecovered ? 'letter' : 'outage',
        title: `${raised(limitInWords(search))}${isRecovered ? '' : ', and does not recover'}`,
        harm: isRecovered
          ? `Nobody notices below; beyond, ${gaveWay === undefined ? 'calls fail' : wordsOfLimit(gaveWay.metric)}.`
          : 'Once there were too many calls, callers have no service, although there are few calls again.',
        advice:
          relay === undefined
            ? 'Hold it against the busy hour. Look at what the servers were short of at that load: CPU, worker processes, licences, a rate limit.'
            : 'Hold it against the busy hour. Look at what this relay was short of at that load: CPU, network, ports; and whether calls are shared out as the relays can carry them.',
        expected: 'all thresholds hold',
        actual: [
          `${brokeAt} ${what}: ${gaveWay === undefined ? 'calls failed' : crossingInWords(gaveWay)}`,
          ...(others.length === 0
            ? []
            : [
                listed(
                  others.map(
                    ({ name, carried: own, brokeAt: at }) => `${name} ${at === undefined ? `at least ${own}` : own}`,
                  ),
                ),
              ]),
          back,
        ].join('; '),
        relays: relay === undefined ? [] : [relay.name],
      },
    ]
  })
}

const unit = (what: Search['what']): string => what.replace(/^calls /, '')

/** The relay that gave way first; undefined where it was none of them by itself. */
function firstRelay({ gaveWay, relays }: Search): Search['relays'][number] | undefined {
  return relays.find(({ name, brokeAt }) => name === gaveWay?.relay && brokeAt !== undefined)
}

function limitInWords(search: Search): string {
  const { what, carried, brokeAt, gaveWay } = search
  if (carried === 0 && brokeAt !== undefined)
    return `not even ${counted(brokeAt, 'call')} ${unit(what)} is carried well`
  const relay = firstRelay(search)
  if (relay !== undefined)
    return `${relay.name} gives way first: it carries ${counted(relay.carried, 'call')} ${unit(what)} of ${carried} in all`
  const who = what === 'calls a second' ? 'the signalling carries' : 'the target carries'
  if (brokeAt === undefined) return `${who} at least ${counted(carried, 'call')} ${unit(what)}`
  return `${who} ${counted(carried, 'call')} ${unit(what)}${gaveWay === undefined ? '' : `; beyond, ${wordsOfLimit(gaveWay.metric)}`}`
}

const crossingInWords = ({ metric, condition, measured, relay }: Crossing): string =>
  `${metric}${relay === undefined ? '' : ` of ${relay}`} was ${Number(measured.toPrecision(3))}, not ${condition}`
