import { exitCodes } from '../verdict/exit-code.js'

/** Interruptions of this process: the first one asks for an orderly stop, the second one ends it at once. */
export class Interruption {
  readonly #controller = new AbortController()
  #received: 'SIGINT' | 'SIGTERM' | undefined

  /** Aborted by the first interruption. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The signal that came first, if any. */
  get received(): 'SIGINT' | 'SIGTERM' | undefined {
    return this.#received
  }

  /**
   * Listens to SIGINT and SIGTERM until the function that it gives is called. A terminal that is closed (SIGHUP) counts as
   * SIGTERM: calls must not stay up for it.
   */
  listen(tell: (line: string) => void): () => void {
    const onSignal = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT' && signal !== 'SIGTERM') return
      if (this.#received !== undefined) process.exit(signal === 'SIGINT' ? exitCodes.sigint : exitCodes.sigterm)
      this.#received = signal
      tell('Interrupted: ending calls and registrations; once more to stop at once.')
      this.#controller.abort(new Error(`interrupted by ${signal}`))
    }
    // The kernel and the shell each tell of it: the second time is nobody's wish to stop at once.
    const onHangUp = () => {
      if (this.#received === undefined) onSignal('SIGTERM')
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    process.on('SIGHUP', onHangUp)
    return () => {
      process.off('SIGHUP', onHangUp)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    }
  }
}
