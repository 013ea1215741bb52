/** What `init` asks a person, where one sits at a terminal. */
import { createInterface } from 'node:readline/promises'

/** Asks one question; what was typed, or the default where nothing was. */
export type Ask = (question: string, otherwise?: string) => Promise<string>

/** Asks on this process's terminal, until the work is done. */
export async function withQuestions<T>(work: (ask: Ask) => Promise<T>, signal: AbortSignal): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await work(async (question, otherwise) => {
      const typed = await terminal.question(otherwise ? `${question} [${otherwise}] ` : `${question} `, { signal })
      return typed.trim() || (otherwise ?? '')
    })
  } finally {
    terminal.close()
  }
}
