/** Seconds of a duration as k6 writes them: `90`, `1m30s`, `500ms`. */
export function secondsOf(duration: string | number): number {
  if (typeof duration === 'number') return duration
  const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }
  const parts = [...duration.matchAll(/([\d.]+)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== duration)
    throw new Error(`'${duration}' is no duration: write it as 30s or 1m30s`)
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? 's'] ?? 1), 0)
}
