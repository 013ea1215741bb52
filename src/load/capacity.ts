/** How many calls this machine can generate: as it was calibrated, else as a load shows it. */
import { cpus } from 'node:os'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { LoadResult } from '../result/load-result.js'
import { type Capacity, isTimely } from '../verdict/load-validity.js'

const limitSchema = z.object({
  /** The most that was generated in time. */
  carried: z.number(),
  /** The least that was not, and what kept it from being; absent where no limit was found. */
  beyond: z.object({ amount: z.number(), why: z.string() }).optional(),
})
const calibrationSchema = z.object({
  ringproof: z.string(),
  at: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.number() }),
  /** Programs that wanted to run beside it, on average, when it began. */
  loadAverage: z.number(),
  /** Calls with audio at a time, unencrypted and encrypted. */
  rtp: limitSchema,
  srtp: limitSchema,
  /** Calls a second that are hung up as soon as they are answered. */
  signalling: limitSchema,
})
/** What `ringproof load --calibrate` found. */
export type Calibration = z.infer<typeof calibrationSchema>

/** The file that calibration writes, below the folder that it is given. */
export const CALIBRATION_FILE = 'calibration.json'
const ownFolder = () => resolve('reports')

export const thisMachine = (): Calibration['machine'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
})

/** Writes it where loads look for it, and into a folder of the user's. @returns the files */
export function writeCalibration(calibration: Calibration, out: string | undefined): string[] {
  return [...new Set([ownFolder(), ...(out === undefined ? [] : [resolve(out)])])].map((folder) => {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, CALIBRATION_FILE)
    writeFileSync(file, `${JSON.stringify(calibration, null, 2)}\n`)
    return file
  })
}

/** What was found of this machine, if it was calibrated; of another machine it says nothing. */
export function readCalibration(folder = ownFolder()): Calibration | undefined {
  try {
    const parsed = calibrationSchema.safeParse(JSON.parse(readFileSync(join(folder, CALIBRATION_FILE), 'utf8')))
    const { cpu, cores } = thisMachine()
    if (!parsed.success || parsed.data.machine.cpu !== cpu || parsed.data.machine.cores !== cores) return undefined
    return parsed.data
  } catch {
    return undefined
  }
}

/** @param series of the load; of seconds with their calls at a time and how late the generator was @param began calls a second */
export function capacityOf(
  calibration: Calibration | undefined,
  series: NonNullable<LoadResult['series']>,
  began: number | undefined,
): Capacity {
  if (calibration !== undefined) {
    const { at, rtp, srtp, signalling } = calibration
    return { from: 'calibration', at, calls: rtp.carried, srtpCalls: srtp.carried, rate: signalling.carried }
  }
  const timely = series.filter(isTimely).map(({ activeCalls }) => activeCalls)
  const calls = Math.max(0, ...timely)
  return {
    from: 'this run',
    ...(calls === 0 ? {} : { calls }),
    ...(began === undefined ? {} : { rate: Math.round(began) }),
  }
}
