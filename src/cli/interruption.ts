/** Interruptions of this process. */
import { exitCodes } from '../verdict/exit-code.js'
import { ENDS_WITH_PARENT } from '../worlds/child-environment.js'

type Env = Readonly<Record<string, string | undefined>>

/** How often it is looked whether the parent process is still there. */
const PARENT_EVERY_MS = 500

/** The first interruption asks for an orderly stop, the second one ends the process at once. */
export class Interruption {
  readonly #controller = new AbortController()
  #received: 'SIGINT' | 'SIGTERM' | undefined
  #stray: unknown

  /** Aborted by the first interruption. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The signal that came first, if any. */
  get received(): 'SIGINT' | 'SIGTERM' | undefined {
    return this.#received
  }

  /** What was thrown where nobody caught it: the command is broken off for it. */
  get stray(): unknown {
    return this.#stray
  }

  /**
   * Breaks the command off in an orderly way, as a signal does, when something is thrown that nobody catches: calls are
   * hung up, and what is known by then is reported. Until the function that it gives is called.
   * @param tell told of the first of them
   */
  listenToStrays(tell: (error: unknown) => void): () => void {
    const onStray = (error: unknown) => {
      if (this.#stray !== undefined) return
      this.#stray = error ?? new Error('something was thrown that is no error')
      tell(this.#stray)
      this.#controller.abort(this.#stray)
    }
    process.on('uncaughtException', onStray)
    process.on('unhandledRejection', onStray)
    return () => {
      process.off('uncaughtException', onStray)
      process.off('unhandledRejection', onStray)
    }
  }

  /**
   * Listens to SIGINT and SIGTERM until the function that it gives is called. A terminal that is closed (SIGHUP) counts as
   * SIGTERM: calls must not stay up for it. So does the death of the shell that npm or npx ran this program in: npm passes
   * its signals on to that shell, and the shell does not; and that of a monitor whose round this is.
   */
  listen(tell: (line: string) => void, env: Env = process.env): () => void {
    const onSignal = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT' && signal !== 'SIGTERM') return
      if (this.#received !== undefined) process.exit(signal === 'SIGINT' ? exitCodes.sigint : exitCodes.sigterm)
      this.#received = signal
      tell('Interrupted: hanging up and removing registrations. Once more to stop at once.')
      this.#controller.abort(new Error(`interrupted by ${signal}`))
    }
    // Kernel, shell and npm may each report it: the second time is nobody's wish to stop at once.
    const onGone = () => {
      if (this.#received === undefined) onSignal('SIGTERM')
    }
    const parent = Number(env[ENDS_WITH_PARENT] ?? (isInShellOfNpm(env) ? process.ppid : 0))
    const watch = parent > 0 ? watchParent(onGone, parent) : undefined
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    process.on('SIGHUP', onGone)
    return () => {
      clearInterval(watch)
      process.off('SIGHUP', onGone)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    }
  }
}

/** Whether npm's shell waits for this program, as far as npm says: a script may put it into the background and go on. */
export function isInShellOfNpm({ npm_command, npm_lifecycle_script = '' }: Env): boolean {
  return npm_command !== undefined && !/(?:^|[^&>])&(?![&>])/.test(npm_lifecycle_script)
}

/** Calls back once when the parent process is not this one any more. Keeps no process alive. */
export function watchParent(gone: () => void, parent = process.ppid): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    gone()
  }, PARENT_EVERY_MS)
  return timer.unref()
}

/** Waits for the interruption. */
export function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
