/** A monitor's measures as Prometheus reads them. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { Measure } from './measures.js'

export async function prometheusText(
  measures: readonly Measure[],
): Promise<{ readonly type: string; readonly text: string }> {
  const registry = new Registry()
  for (const { name, help, kind, labels, samples } of measures) {
    const about = { help, labelNames: [...labels], registers: [registry] }
    if (kind === 'counter') {
      const counter = new Counter({ ...about, name: `ringproof_monitor_${name}_total` })
      for (const one of samples) counter.inc(one.labels, one.value)
      continue
    }
    const gauge = new Gauge({ ...about, name: `ringproof_monitor_${name}` })
    // What has no value yet must not say 0.
    if (samples.length === 0) gauge.reset()
    if (samples.length === 0 && labels.length === 0) registry.removeSingleMetric(`ringproof_monitor_${name}`)
    for (const one of samples) gauge.set(one.labels, one.value)
  }
  return { type: registry.contentType, text: await registry.metrics() }
}
