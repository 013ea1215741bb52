/** Seconds of a duration as k6 writes them: `90`, `1m30s`, `500ms`. */
export function secondsOf(duration: string | number): number {
  if (typeof duration === 'number') return duration
  const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }
  const parts = [...duration.matchAll(/([\d.]+)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== duration)
    throw new Error(`'${duration}' is no duration: write it as 30s or 1m30s`)
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? 's'] ?? 1), 0)
}

interface Lasting {
  startTime?: string
  duration?: string
  stages?: readonly { duration: string }[]
  maxDuration?: string
}

/** k6's own for scenarios that are over with their iterations. */
const MAX_DURATION = '10m'

/** Seconds until the last of k6's scenarios begins no more iterations, and until it is ended at the latest. */
export function endOfScenarios(scenarios: Record<string, unknown> = {}): { begun: number; over: number } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- options of k6, which checks them
  const ends = (Object.values(scenarios) as Lasting[]).map(({ startTime = '0s', duration, stages, maxDuration }) => {
    const start = secondsOf(startTime)
    const lasts = stages?.map((stage) => stage.duration) ?? (duration === undefined ? [] : [duration])
    const begun = start + lasts.reduce((sum, one) => sum + secondsOf(one), 0)
    return { begun, over: lasts.length > 0 ? begun : start + secondsOf(maxDuration ?? MAX_DURATION) }
  })
  return { begun: Math.max(0, ...ends.map(({ begun }) => begun)), over: Math.max(0, ...ends.map(({ over }) => over)) }
}
