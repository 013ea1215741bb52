/**
 * One request to a call agent. By node:http and not by fetch: that gives up what is held for five minutes, and a call that nobody waits
 * for any more is hung up.
 */
import { Agent, request as httpRequest } from 'node:http'

/** An order was refused, or the agent could not be asked. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  /** HTTP status; undefined where there was no answer: `cause` says why. */
  readonly status: number | undefined
  /** The field of the order that is wrong: `media.codec`. */
  readonly field: string | undefined
  /** When to order again, milliseconds: the target file's limits do not allow it now (429), or the agent is about to end (503). */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    o: { status?: number; field?: string | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, 'cause' in o ? { cause: o.cause } : {})
    this.status = o.status
    this.field = o.field
    this.retryAfterMs = o.retryAfterMs
  }
}

export interface Asked {
  readonly url: string
  readonly token: string
  readonly connections: Agent
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
}

/** Connections stay open between requests: a call belongs to the one that it was ordered on. Those that are idle keep no process from ending. */
export const openConnections = (): Agent => new Agent({ keepAlive: true })

/** @returns the body of the answer @throws AgentError; what `signal` was aborted with */
export async function ask({ url, token, connections, method, path, body, signal }: Asked): Promise<string> {
  const { status, headers, text } = await answerOf()
  if (status >= 200 && status < 300) return text
  const { error, field } = refusalIn(text)
  throw new AgentError(`${method} ${path}: ${error ?? `the call agent answered ${status}`}`, {
    status,
    field,
    retryAfterMs: headers['retry-after'] === undefined ? undefined : Number(headers['retry-after']) * 1000,
  })

  function answerOf(): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
    return new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body)
      const asked = httpRequest(new URL(path, url), {
        method,
        agent: connections,
        ...(signal === undefined ? {} : { signal }),
        headers: {
          authorization: `Bearer ${token}`,
          ...(content === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
        },
      })
      const lost = (cause: unknown) => {
        if (signal?.aborted === true) reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
        else reject(new AgentError(`There is no answer from a call agent at ${url}: ${why(cause)}.`, { cause }))
      }
      asked.once('error', lost)
      asked.once('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', lost)
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      })
      asked.end(content)
    })
  }
}

const why = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  // Where a name has several addresses, what they say is said by its code alone.
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

function refusalIn(text: string): { error?: string; field?: string } {
  try {
    const told: unknown = JSON.parse(text)
    if (typeof told !== 'object' || told === null) return {}
    const { error, field }: { error?: unknown; field?: unknown } = told
    return {
      ...(typeof error === 'string' ? { error: typeof field === 'string' ? `${field}: ${error}` : error } : {}),
      ...(typeof field === 'string' ? { field } : {}),
    }
  } catch {
    return {}
  }
}
