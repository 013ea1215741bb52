/** A question to all threads that live, and their answers together. */

/** What is known of a thread that can be asked. */
interface Asked {
  readonly alive: boolean
}

/** A thread that does not answer by then is lost. */
const ANSWER_MS = 5_000

/**
 * @param ask hands a thread the question, and has `settle` called with the answer
 * @returns what came within the time; of a thread that did not answer, nothing
 */
export async function askThreads<Thread extends Asked, T>(
  threads: readonly Thread[],
  ask: (thread: Thread, settle: (answer: readonly T[]) => void) => void,
  withinMs = ANSWER_MS,
): Promise<T[]> {
  const answers = threads
    .filter(({ alive }) => alive)
    .map(
      (thread) =>
        new Promise<readonly T[]>((resolve) => {
          const timer = setTimeout(() => resolve([]), withinMs)
          ask(thread, (answer) => {
            clearTimeout(timer)
            resolve(answer)
          })
        }),
    )
  return (await Promise.all(answers)).flat()
}
