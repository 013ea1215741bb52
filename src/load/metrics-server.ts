/** The agent's `/metrics` and nothing else, on an address that Prometheus reaches: orders are taken on loopback alone. */
import { createServer } from 'node:http'
import { allow, bearerOf, fail, HttpError } from './http-answers.js'

export interface MetricsServerOptions {
  readonly host: string
  /** 0: any. */
  readonly port: number
  readonly token: string
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>
}

export interface MetricsServer {
  readonly url: string
  close(): void
}

/** Listens. @throws when the address is not ours, or the port is taken */
export function startMetricsServer({ host, port, token, metrics }: MetricsServerOptions): Promise<MetricsServer> {
  const authorise = bearerOf(token)
  const server = createServer((request, response) => {
    const answer = async () => {
      authorise(request.headers.authorization)
      if ((request.url ?? '').replace(/\?.*$/, '') !== '/metrics') throw new HttpError(404, 'only /metrics is here')
      allow(request, ['GET'])
      const { type, text } = await metrics()
      response.writeHead(200, { 'Content-Type': type }).end(text)
    }
    answer().catch((error: unknown) => fail(response, error))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : port
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
        close: () => {
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}
