/** The program at a server that sends without end: it is interrupted as at any other, keeps within its memory, and writes its report. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resultIn, ringproof } from './program.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-flooded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes before others have their turn. */
const IN_A_TURN = 1_000

/** A server that answers nothing, and floods whoever connects; as fast as it is read. */
async function flood(piece: Buffer): Promise<{ server: Server; port: number; begun: Promise<void>; end(): void }> {
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    // In turns: a kernel that takes everything at once would keep this loop, and the signal, for seconds.
    const write = () => {
      for (let nth = 0; nth < IN_A_TURN; nth += 1) if (!socket.writable || !socket.write(piece)) return
      setImmediate(write)
    }
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.on('drain', write)
    write()
    begin()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    server,
    begun,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    end: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

function targetAt(port: number): string {
  const file = join(folder, `flood-${port}.yaml`)
  writeFileSync(
    file,
    `name: flood\ndomain: flood.example\nfamilies: [ipv4]\nendpoints: { tcp: { host: 127.0.0.1, port: ${port} } }\naccounts:\n${['1', '2', '3'].map((user) => `  - { user: '${user}', password: x }\n`).join('')}`,
  )
  return file
}

test.each([
  ['line ends', Buffer.alloc(65_536, '\r\n')],
  ['half of line ends', Buffer.alloc(3, '\r\n')],
  [
    'responses with headers of 60 kB',
    Buffer.from(`SIP/2.0 180 Ringing\r\nX: ${'x'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`),
  ],
  ['responses without end of header', Buffer.alloc(65_536, 'X-Header: and so on\r\n')],
])(
  'Ctrl-C is heard within a second during a flood of %s, in less than 1 GB, and a report is written',
  async (name, piece) => {
    const server = await flood(piece)
    const out = join(folder, `flood-${name.replaceAll(' ', '-')}`)
    try {
      const { code, heardMs, endedMs, rss, told } = await ringproof({
        args: ['run', '--target', targetAt(server.port), '--out', out],
        signalOn: server.begun,
      })
      expect(code, told).toBe(130)
      expect(heardMs).toBeLessThan(1_000)
      expect(endedMs).toBeLessThan(15_000)
      expect(rss).toBeLessThan(1e9)
      expect(existsSync(join(out, 'result.json')), told).toBe(true)
    } finally {
      server.end()
    }
  },
)

test('a flood that nobody interrupts is found out, and is the outage that it is', async () => {
  const server = await flood(Buffer.alloc(65_536, '\r\n'))
  const out = join(folder, 'found-out')
  try {
    const { code, rss, told } = await ringproof({ args: ['run', '--target', targetAt(server.port), '--out', out] })
    expect(code, told).toBe(1)
    expect(resultIn(out).findings[0]).toMatchObject({ severity: 'fail', gravity: 'outage' })
    expect(rss).toBeLessThan(1e9)
  } finally {
    server.end()
  }
})
