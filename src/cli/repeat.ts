/** The commands that repeat a run, as the report shows them. */
import type { PlanEntry } from '../runner/plan.js'
import type { ConformanceOrder, LoadOrder, MergeOrder, ReportOrder, StartOrder } from './orders.js'

/** One scenario of a run, on one transport and family. */
export function repeatOne(order: ConformanceOrder, { definition, variant }: PlanEntry): string {
  const only = [option('only', definition.id), option('transport', variant.transport), option('family', variant.family)]
  return command('run', [
    ...target(order),
    ...virtual(order),
    option('seed', order.seed),
    ...own(order),
    ...only,
    // Whether it holds is asked then, and not what changed.
    ...judging({ ...order, baseline: undefined, onlyRegressions: false }),
  ])
}

/** A whole conformance run. */
export function repeatRun(order: ConformanceOrder): string {
  const { only = [], area, transport, family, slow } = order.selection
  return command('run', [
    ...target(order),
    ...virtual(order),
    option('seed', order.seed),
    ...own(order),
    ...only.map((pattern) => `--only '${pattern}'`),
    option('area', area),
    option('transport', transport),
    option('family', family),
    ...(slow === true ? ['--slow'] : []),
    ...(order.shard === undefined ? [] : [`--shard ${order.shard.index}/${order.shard.of}`]),
    ...judging(order),
  ])
}

export function repeatLoad(order: LoadOrder): string {
  const { profile, calls, rate, hold, duration, to, audio, accounts, local = [], part, k6Args = [], allowLoad } = order
  return command('load', [
    ...(order.target === undefined ? [] : [`--target ${order.target.file}`]),
    option('profile', profile.own === true ? profile.file : profile.name),
    ...faults(order),
    option('calls', calls),
    option('rate', rate),
    option('hold', hold),
    option('duration', duration === undefined ? undefined : `${duration}s`),
    option('to', to),
    option('accounts', accounts),
    ...local.map((address) => `--local ${address}`),
    audio === false ? '--no-audio' : '',
    option('shard', part === undefined ? undefined : `${part.index}/${part.of}`),
    ...own(order),
    ...k6Args.map((arg) => `--k6-arg='${arg}'`),
    ...judging(order),
    option('allow-load', allowLoad),
  ])
}

export function repeatMerge(order: MergeOrder): string {
  return command('merge', [...order.results.map(({ folder }) => folder), ...judging(order)])
}

export function repeatStart(order: StartOrder): string {
  const options = [...faults(order.conformance), ...judging(order)]
  return ['npm start', ...(options.length > 0 ? ['--'] : []), ...options].join(' ')
}

const command = (name: string, options: readonly string[]): string =>
  ['npx ringproof', name, ...options.filter((one) => one !== '')].join(' ')

const option = (name: string, value: string | number | undefined): string =>
  value === undefined ? '' : `--${name} ${value}`

const target = (order: ConformanceOrder): string[] => [
  ...(order.target === undefined ? [] : [`--target ${order.target.file}`]),
  ...faults(order),
]

const own = (order: Pick<LoadOrder, 'own'>): string[] =>
  (order.own ?? []).map(({ shown, given = shown }) => `--scenarios ${given}`)

const virtual = ({ clock }: ConformanceOrder): string[] => (clock === 'virtual' ? ['--clock virtual'] : [])

const faults = (order: { readonly faults?: readonly string[] }): string[] =>
  (order.faults ?? []).map((fault) => `--fault ${fault}`)

const judging = ({ known, failOn, network, stranger, hep, baseline, onlyRegressions }: ReportOrder): string[] => [
  ...(network === undefined ? [] : [`--network '${network.text}'`]),
  ...(stranger === undefined ? [] : [`--stranger ${stranger}`]),
  ...(hep === undefined ? [] : [`--hep ${hep.host.includes(':') ? `[${hep.host}]` : hep.host}:${hep.port}`]),
  ...(known === undefined ? [] : [`--known ${known}`]),
  ...(baseline === undefined ? [] : [`--baseline ${baseline.name}`]),
  ...failing(failOn, onlyRegressions === true),
]

function failing(failOn: ReportOrder['failOn'], onlyRegressions: boolean): string[] {
  const words = [...(onlyRegressions ? ['regression'] : []), ...(failOn === 'harm' ? ['harm'] : [])]
  return words.length === 0 ? [] : [`--fail-on ${words.join(',')}`]
}
