/** Options that commands share: how their values are read, and how often they may be given. */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ClockTime } from '../provider/services/local-time.js'
import type { RunFacts } from '../verdict/facts.js'
import type { NamedBaseline } from '../verdict/comparison/compare.js'
import { UsageError } from './errors.js'
import { parseAccessLine } from '../transport/access-line.js'
import { canonicalAddress } from '../transport/address.js'
import type { HepCollector } from '../worlds/hep-sender.js'
import type { Shard } from '../runner/shards.js'
import type { NetworkOrder, ReportOrder } from './orders.js'

/** Gathers an option that may be given several times. An empty one would silently mean everything, or nothing. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  if (value.trim() === '') throw new InvalidArgumentError('Expected a name; is a variable of your script empty?')
  return [...(before ?? []), value]
}

/** A whole number from `least` on. */
export function wholeNumber(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || !Number.isSafeInteger(number))
      throw new InvalidArgumentError(`Expected a whole number from ${least} on.`)

    return number
  }
}

/** The name of a folder or file. */
export function pathName(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('Expected a path; is a variable of your script empty?')
  return value
}

/** `echo`, `account`, or a number to dial. */
export function destinationName(value: string): string {
  if (['auto', 'echo', 'account'].includes(value) || /^[+*#\d][*#\d]*$/.test(value)) return value
  throw new InvalidArgumentError("Expected 'echo', 'account', 'auto' or a number to dial, such as 9196 or *98.")
}

/** One of these words, or several with commas between them, each once. */
export function oneOrMoreOf<T extends string>(words: readonly T[]): (value: string) => T[] {
  return (value) => {
    const given = value.split(',').map((word) => word.trim())
    const known = words.filter((word) => given.includes(word))
    if (known.length === given.length) return known
    throw new InvalidArgumentError(`Expected one of ${words.join(', ')}, or several with commas between them.`)
  }
}

/** A port of this machine; 0 for any. */
export function portNumber(value: string): number {
  const number = wholeNumber(0)(value)
  if (number > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return number
}

/** A number above zero. */
export function positiveNumber(value: string): number {
  const number = Number(value)
  if (!/^\d+(?:\.\d+)?$/.test(value) || number <= 0) throw new InvalidArgumentError('Expected a number above 0.')
  return number
}

/** A time, in seconds: `90`, `90s`, `1.5m`, `2h`, `1m30s`. */
export function seconds(value: string): number {
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)?/g)]
  const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }
  const sum = parts.reduce((total, [, number, unit = 's']) => total + Number(number) * (units[unit] ?? 1), 0)
  const spelled = parts.map(([whole]) => whole).join('')
  if (parts.length === 0 || spelled !== value || sum <= 0) {
    throw new InvalidArgumentError(
      'Expected a time above 0, such as 30s, 5m or 1m30s; a number without a unit means seconds.',
    )
  }

  return sum
}

/** What a clock shows: `06:59` or `06:59:30`. */
export function clockTime(value: string): ClockTime {
  const [, hour, minute, second = '0'] = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(value) ?? []
  if (hour === undefined) throw new InvalidArgumentError('Expected a time of day, such as 06:59 or 06:59:30.')
  return { hour: Number(hour), minute: Number(minute), second: Number(second) }
}

/** One part of a run that is split: `2/3` is the second of three. */
export function shard(value: string): Shard {
  const [, index = '', of = ''] = /^(\d+)\/(\d+)$/.exec(value) ?? []
  const parsed = { index: Number(index), of: Number(of) }
  if (index === '' || parsed.index < 1 || parsed.index > parsed.of)
    throw new InvalidArgumentError('Expected I/N with I from 1 to N, such as 1/3.')

  return parsed
}

/** The conditions of an access line. */
export function networkConditions(text: string): NetworkOrder {
  try {
    return { text, line: parseAccessLine(text) }
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(`${error.message}.`)
    throw error
  }
}

/** A numeric address of this machine. */
export function localAddress(text: string): string {
  const address = canonicalAddress(text)
  const own = Object.values(networkInterfaces()).flatMap((all = []) => all.map((one) => canonicalAddress(one.address)))
  if (address.startsWith('127.') || own.includes(address)) return address
  throw new InvalidArgumentError('It is not an address of this machine.')
}

/** An address and a port from `least` on: `collector.example:9060`, `[2001:db8::1]:9060`. */
export function hostAndPort(least: 0 | 1): (text: string) => HepCollector {
  return (text) => {
    const [, v6, name, digits = ''] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text) ?? []
    const host = v6 ?? name
    const port = Number(digits)
    if (host === undefined || port < least || port > 65_535 || (v6 !== undefined && isIP(v6) !== 6))
      throw new InvalidArgumentError('Expected HOST:PORT, such as collector.example:9060 or [::1]:9060.')
    return { host, port }
  }
}

/** Options of all commands that make a report, as commander gives them. */
export interface ReportFlags {
  readonly out?: string
  readonly failOn?: readonly FailOn[]
  readonly baseline?: string
  readonly known?: string
  readonly network?: NetworkOrder
  readonly stranger?: string
  readonly hep?: HepCollector
}

export const hepOption = (): Option =>
  new Option(
    '--hep <host:port>',
    'send every SIP message to a collector in HEP3 over UDP, digest responses and keys masked',
  ).argParser(hostAndPort(1))

/** How many devices call agents register, and where on this machine they are. */
export const withDeviceOptions = (command: Command): Command =>
  command
    .option(
      '--accounts <number>',
      'devices to register, whether they call or not (default: 48, or as many as the target has)',
      wholeNumber(1),
    )
    .option(
      '--local <address>',
      'address of this machine, or a prefix such as 127.0.1.0/24, that the devices are spread over (may be repeated)',
      collect,
    )

/** What fails a run, or a comparison. */
export type FailOn = 'harm' | 'letter' | 'regression'

export const FAIL_ON: readonly FailOn[] = ['harm', 'letter', 'regression']

/** The least gravity that counts. @throws UsageError where two are named */
export function gravityOf(failOn: readonly FailOn[]): NonNullable<RunFacts['failOn']> {
  if (failOn.includes('harm') && failOn.includes('letter'))
    throw new UsageError('--fail-on harm and --fail-on letter exclude each other: name one of them.')
  return failOn.includes('harm') ? 'harm' : 'letter'
}

export const failOnOption = (text: string): Option =>
  new Option('--fail-on <what>', text).argParser(oneOrMoreOf(FAIL_ON))

export const FAIL_ON_TEXT =
  'which broken rules fail the run: letter (every rule), harm (all but formal ones, which customers hardly notice); with --baseline also regression (only what is worse than in the baseline), or regression,harm (default: letter)'

export const baselineOption = (): Option =>
  new Option(
    '--baseline <file>',
    'compare with a baseline file, or with the folder of an earlier run: what is new, fixed, worse',
  ).argParser(pathName)

/** Adds them. `quiet` and `json` are heeded by the console itself. */
export function withReportOptions(command: Command): Command {
  return command
    .option('--out <folder>', 'folder for the report (default: reports/<target>/<run>)', pathName)
    .addOption(failOnOption(FAIL_ON_TEXT))
    .addOption(baselineOption())
    .option(
      '--known <file>',
      "known deviations (default: the file that the target file's knownDeviations names)",
      pathName,
    )
    .option(
      '--network <conditions>',
      'put our devices behind an access line with these conditions, such as loss=1%,delay=40ms±15,reorder=0.5%,dup=0.2%,burst=120ms; up.loss=1% for one direction; the delay is one way',
      networkConditions,
    )
    .option(
      '--stranger <address>',
      'second address of this machine that reaches the target, for scenarios in which somebody else acts (default: one is looked for)',
      localAddress,
    )
    .addOption(hepOption())
    .option('--quiet', 'print only the verdict, the findings and the path of the report')
    .option('--json', 'print the result as JSON on stdout and nothing else there')
}

/** @throws UsageError */
export async function reportOrder(flags: ReportFlags): Promise<ReportOrder> {
  const { out, failOn = [], known, network, stranger, hep } = flags
  const onlyRegressions = failOn.includes('regression')
  if (onlyRegressions && flags.baseline === undefined)
    throw new UsageError('--fail-on regression needs what to compare with: name it with --baseline.')
  const gravity = gravityOf(failOn)
  const baseline = flags.baseline === undefined ? undefined : await baselineOf(flags.baseline)
  return { out, failOn: gravity, known, network, stranger, hep, baseline, onlyRegressions }
}

/** Read before anything is started, so that a wrong name costs no run. */
async function baselineOf(path: string): Promise<NamedBaseline> {
  const { sideOf } = await import('./compare.js')
  return sideOf(path)
}

/** Makes options that hold one value an error where they are given twice: the last one would silently win. */
export function refuseTwice(command: Command): void {
  for (const option of command.options) {
    if (option.parseArg === collect || !(option.required || option.optional)) continue
    let isGiven = false
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' was given twice; it takes one value`)
      isGiven = true
    })
  }
}
