/** Requests and answers of the call agent's API: JSON both ways, errors with the field that is wrong. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BadOrderError } from './call-order.js'

const MOST_BODY_BYTES = 1024 * 1024

export class HttpError extends Error {
  readonly status: number
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, o: { field?: string; headers?: Record<string, string> } = {}) {
    super(message)
    this.status = status
    this.field = o.field
    this.headers = o.headers ?? {}
  }
}

/** @throws HttpError 405 */
export function allow(request: IncomingMessage, methods: readonly string[]): void {
  if (methods.includes(request.method ?? '')) return
  throw new HttpError(405, `method not allowed, use ${methods.join(' or ')}`, {
    headers: { Allow: methods.join(', ') },
  })
}

/** @throws HttpError 413 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new HttpError(413, 'the request body is larger than 1 MB', { headers: { Connection: 'close' } })
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLarge
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > MOST_BODY_BYTES) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @throws HttpError 400 */
export function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new HttpError(400, 'the request body is not JSON', { field: 'body' })
  }
}

export function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body)
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers })
    .end(text)
}

/** Answers with what went wrong, unless an answer has begun. */
export function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return
  if (error instanceof HttpError) {
    answer(
      response,
      error.status,
      { error: error.message, ...(error.field === undefined ? {} : { field: error.field }) },
      error.headers,
    )
  } else if (error instanceof BadOrderError) {
    answer(response, error.status, { error: error.message, field: error.field })
  } else {
    answer(response, 500, { error: error instanceof Error ? error.message : String(error) })
  }
}

/** Lets in who has the token (RFC 6750 §2.1), in a time that says nothing of it; throws an HttpError 401 to all others. */
export function bearerOf(token: string): (authorization: string | undefined) => void {
  const digestOf = (text: string) => createHash('sha256').update(text).digest()
  const known = digestOf(token)
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (given !== undefined && timingSafeEqual(digestOf(given), known)) return
    throw new HttpError(401, 'missing or wrong bearer token (RINGPROOF_AGENT_TOKEN)', {
      headers: { 'WWW-Authenticate': 'Bearer realm="ringproof call agent"' },
    })
  }
}
