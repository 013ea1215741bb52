/** A command's surroundings for tests: what it prints is kept. */
import { CliContext, type ContextOptions } from '../../../src/cli/context.js'
import type { Sink } from '../../../src/cli/console.js'

export interface Printed {
  /** On stdout and stderr. */
  out: string
  err: string
}

export interface SinkOptions {
  readonly terminal?: boolean
  readonly colour?: boolean
  readonly env?: Record<string, string>
}

/** Sinks, and what was written to them so far. */
export function sinks({ terminal = false, colour = false, env = {} }: SinkOptions = {}): {
  readonly printed: Printed
  readonly options: ContextOptions
} {
  const printed: Printed = { out: '', err: '' }
  const sink = (where: keyof Printed): Sink => ({
    write: (text) => {
      printed[where] += text
    },
    terminal,
    colour,
    columns: 80,
  })
  return { printed, options: { out: sink('out'), err: sink('err'), env } }
}

export function contextFor(o: SinkOptions = {}): { readonly printed: Printed; readonly context: CliContext } {
  const { printed, options } = sinks(o)
  return { printed, context: new CliContext(options) }
}
