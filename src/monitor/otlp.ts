/** A monitor's measures as OpenTelemetry takes them: OTLP/HTTP with JSON (opentelemetry-proto, metrics v1). Decision 0081 has why no library. */
import type { Measure } from './measures.js'

interface OtlpOptions {
  readonly target: string
  readonly version: string
  /** Unix ms: since when counters count, and now. */
  readonly sinceMs: number
  readonly nowMs: number
}

const MOST_MS = 10_000

export function otlpBody(measures: readonly Measure[], { target, version, sinceMs, nowMs }: OtlpOptions): object {
  const nanos = (ms: number) => `${Math.round(ms)}000000`
  const attributes = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }))
  const metrics = measures.flatMap(({ name, help, kind, unit, samples }) => {
    if (samples.length === 0) return []
    const dataPoints = samples.map(({ labels, value }) => ({
      attributes: attributes(labels),
      timeUnixNano: nanos(nowMs),
      ...(kind === 'counter' ? { startTimeUnixNano: nanos(sinceMs), asInt: String(value) } : { asDouble: value }),
    }))
    const data =
      kind === 'counter'
        ? // 2: cumulative
          { sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } }
        : { gauge: { dataPoints } }
    return [
      {
        name: `ringproof.monitor.${name.replace(/_timestamp_seconds$/, '.timestamp').replace(/_(?:seconds|ratio)$/, '')}`,
        description: help,
        unit,
        ...data,
      },
    ]
  })
  return {
    resourceMetrics: [
      {
        resource: {
          attributes: attributes({
            'service.name': 'ringproof-monitor',
            'service.version': version,
            'ringproof.target': target,
          }),
        },
        scopeMetrics: [{ scope: { name: 'ringproof', version }, metrics }],
      },
    ],
  }
}

/** @returns why it was not taken, as the end of a sentence; undefined where it was */
export async function sendOtlp(url: string, body: object, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]),
    })
    await answer.body?.cancel()
    return answer.ok ? undefined : `it answered ${answer.status}`
  } catch {
    return 'it cannot be reached'
  }
}
