/** Alerts and those who are to have them: a command and a webhook, both as bad as they can be. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Delivered, deliveryOf, type DeliveryOptions } from '../../../src/monitor/delivery.js'
import type { MonitorAlert } from '../../../src/result/monitor.js'

const ALERT: MonitorAlert = {
  alertVersion: 1,
  id: 'x',
  event: 'problem',
  target: 'embedded',
  headline: "No audio; $(touch /tmp/never) `id` 'quoted'",
  at: '2026-12-01T00:00:00.000Z',
  since: '2026-12-01T00:00:00.000Z',
  problems: [],
  open: 1,
}
const never = new AbortController().signal

const deliver = (o: DeliveryOptions, tries = 1, signal = never): Promise<Delivered> =>
  deliveryOf(o).deliver({ alert: ALERT, to: o.command === undefined ? 'webhook' : 'command', tries }, signal)

const folder = mkdtempSync(join(tmpdir(), 'ringproof-delivery-'))
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

function webhook(answer: RequestListener): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer(answer)
    servers.push(server)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/secret-token`)
    })
  })
}

describe('a command', () => {
  test('has the alert on its stdin and the headline in its environment, and its shell runs neither', async () => {
    const out = mkdtempSync(join(tmpdir(), 'ringproof-delivery-'))
    const found = await deliver({ command: `cat > ${out}/alert; printf %s "$RINGPROOF_HEADLINE" > ${out}/headline` })
    expect(found).toEqual({ outcome: 'delivered' })
    expect(JSON.parse(readFileSync(join(out, 'alert'), 'utf8'))).toEqual(ALERT)
    expect(readFileSync(join(out, 'headline'), 'utf8')).toBe(ALERT.headline)
    rmSync(out, { recursive: true })
  })

  test('that fails is tried again, and says why; at last it is given up', async () => {
    expect(await deliver({ command: 'echo no paper >&2; exit 3' })).toEqual({
      outcome: 'later',
      why: 'it ended with 3: no paper',
    })
    expect(await deliver({ command: 'exit 3' }, 8)).toMatchObject({ outcome: 'failed' })
  })

  test('that never ends is killed with its children, and not begun again', async () => {
    // A child that kept the pipe open would hold this up until it ends.
    const found = await deliver({ command: 'sleep 60 & wait', commandMs: 300 })
    expect(found).toMatchObject({ outcome: 'failed', why: expect.stringContaining('was killed') })
  })

  test('that does not read its stdin is fine', async () => {
    expect(await deliver({ command: 'exec 0<&-; true' })).toEqual({ outcome: 'delivered' })
  })

  test('has no passwords of the target', async () => {
    process.env['RINGPROOF_PASSWORD_1'] = 'hunter2'
    expect(await deliver({ command: 'test -z "$RINGPROOF_PASSWORD_1"' })).toEqual({ outcome: 'delivered' })
    delete process.env['RINGPROOF_PASSWORD_1']
  })

  test('is killed when the monitor is stopped', async () => {
    const stop = new AbortController()
    const done = deliver({ command: 'sleep 60' }, 1, stop.signal)
    stop.abort()
    expect(await done).toEqual({ outcome: 'later', why: 'the monitor was stopped' })
  })
})

describe('a webhook', () => {
  test('gets the alert as JSON', async () => {
    let got = ''
    const url = await webhook((request, response) => {
      request.on('data', (data: Buffer) => {
        got += data.toString()
      })
      request.on('end', () => response.writeHead(204).end())
    })
    expect(await deliver({ webhook: url })).toEqual({ outcome: 'delivered' })
    expect(JSON.parse(got)).toEqual(ALERT)
  })

  test.each([
    [500, 'later'],
    [429, 'later'],
    [404, 'failed'],
    [401, 'failed'],
  ] as const)('that answers %i: %s', async (status, outcome) => {
    const url = await webhook((_, response) => response.writeHead(status).end())
    expect(await deliver({ webhook: url })).toEqual({ outcome, why: `it answered ${status}` })
  })

  test('that leads elsewhere is not followed', async () => {
    let asked = 0
    const elsewhere = await webhook((_, response) => {
      asked += 1
      response.end()
    })
    const url = await webhook((_, response) => response.writeHead(307, { Location: elsewhere }).end())
    expect(await deliver({ webhook: url })).toMatchObject({ outcome: 'later', why: 'it answered 307' })
    expect(asked).toBe(0)
  })

  test('that hangs, or answers without end, is left in time', async () => {
    const hangs = await webhook(() => {})
    expect(await deliver({ webhook: hangs, webhookMs: 200 })).toEqual({
      outcome: 'later',
      why: 'it did not answer in time',
    })
    const endless = await webhook((_, response) => {
      response.writeHead(200)
      response.write('x'.repeat(1000))
    })
    expect(await deliver({ webhook: endless, webhookMs: 1000 })).toEqual({ outcome: 'delivered' })
  })

  test('that is not there is told without its address, which may hold a secret', async () => {
    const url = await webhook(() => {})
    servers.at(-1)?.close()
    const { outcome, why = '' } = await deliver({ webhook: url })
    expect(outcome).toBe('later')
    expect(why).toMatch(/cannot be reached/)
    expect(why).not.toContain('secret-token')
  })
})

test('who is not named any more is not looked for', async () => {
  const found = await deliveryOf({}).deliver({ alert: ALERT, to: 'webhook', tries: 1 }, never)
  expect(found).toMatchObject({ outcome: 'failed' })
})
