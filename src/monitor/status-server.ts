/** The monitor's own page, its metrics and its rounds' reports, on loopback. Reads alone; nothing is changed by a request. */
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'

export interface StatusServerOptions {
  /** A loopback address. */
  readonly host: string
  /** 0: any. */
  readonly port: number
  /** The monitor's folder. */
  readonly root: string
  readonly page: () => Promise<string>
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>
  /** What programs read. */
  readonly status: () => object
}

export interface StatusServer {
  readonly url: string
  close(): void
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.md': 'text/plain; charset=utf-8',
  '.pcapng': 'application/octet-stream',
}

/** Pages say themselves which scripts and styles are theirs; this is what no page may do. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

/** Listens. @throws when the address is not ours, or the port is taken */
export function startStatusServer(o: StatusServerOptions): Promise<StatusServer> {
  const server = createServer((request, response) => {
    answer(o, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'something went wrong')
    })
  })
  server.headersTimeout = 10_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(o.port, o.host, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : o.port
      resolve({
        url: `http://${o.host.includes(':') ? `[${o.host}]` : o.host}:${bound}/`,
        close: () => {
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}

async function answer(o: StatusServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A page elsewhere whose name is made to lead here has that name in Host (DNS rebinding).
  if (!isOurs(request.headers.host, o.host)) return refuse(response, 421, 'ask for it by its address')
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET is here')
  const path = (request.url ?? '/').replace(/[?#].*$/, '')
  if (path === '/') return send(request, response, 'text/html; charset=utf-8', await o.page())
  if (path === '/status.json')
    return send(request, response, 'application/json', `${JSON.stringify(o.status(), null, 2)}\n`)
  if (path === '/metrics') {
    const { type, text } = await o.metrics()
    return send(request, response, type, text)
  }
  return sendFile(o, path, request, response)
}

/** The names by which a browser on this machine asks for it. */
function isOurs(host: string | undefined, bound: string): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
  return ['localhost', '127.0.0.1', '[::1]', bound, `[${bound}]`].includes(name)
}

function send(request: IncomingMessage, response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${why}\n`)
}

/** A name of a file or folder that rounds have: no dots in front, so neither `..` nor what is hidden. */
const NAME = /^[\w-][\w.-]*$/

/** Files of rounds, and nothing else of the folder. */
function sendFile(
  { root }: StatusServerOptions,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const parts = path.split('/').slice(1).map(decoded)
  const isNamed =
    parts.length > 2 && parts[0] === 'rounds' && parts.every((part) => part !== undefined && NAME.test(part))
  const type = TYPES[extname(parts.at(-1) ?? '')]
  if (!isNamed || type === undefined) return refuse(response, 404, 'there is no such page')
  const file = fileBelow(
    root,
    parts.filter((part) => part !== undefined),
  )
  if (file === undefined)
    return refuse(response, 404, 'there is no such page; reports are removed after a while (--keep)')
  const { size } = statSync(file)
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': size })
  if (request.method === 'HEAD') return void response.end()
  createReadStream(file)
    .once('error', () => response.destroy())
    .pipe(response)
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** The file itself, wherever links lead: undefined where that is not below the folder. */
function fileBelow(root: string, parts: readonly string[]): string | undefined {
  try {
    const file = realpathSync(join(root, ...parts))
    return file.startsWith(realpathSync(root) + sep) && statSync(file).isFile() ? file : undefined
  } catch {
    return undefined
  }
}
