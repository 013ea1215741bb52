/** `ringproof load --calibrate` against its sink, in miniature. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findK6 } from '../../src/load/k6-program.js'
import type { Calibration } from '../../src/load/capacity.js'

const k6 = await findK6()
const folder = mkdtempSync(join(tmpdir(), 'ringproof-calibrate-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ringproof(...args: string[]): Promise<{ code: number | null; said: string }> {
  mkdirSync(folder, { recursive: true })
  return new Promise((end) => {
    const PATH = `${dirname(k6?.path ?? '')}:${process.env.PATH}`
    const child = spawn(process.execPath, [resolve('bin/ringproof.mjs'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
    child.once('close', (code) => end({ code, said }))
  })
}

test.skipIf(k6 === undefined)(
  'says and writes how many calls this machine can generate, and names what kept it from more',
  async () => {
    const out = join(folder, 'out')
    const { code, said } = await ringproof(...'load --calibrate --calls 3 --rate 4 --hold 2 --out'.split(' '), out)
    expect(code, said).toBe(0)
    const file = readFileSync(join(out, 'calibration.json'), 'utf8')
    expect(readFileSync(join(folder, 'reports', 'calibration.json'), 'utf8')).toBe(file)
    const found: Calibration = JSON.parse(file)
    const most = { rtp: 3, srtp: 3, signalling: 4 }
    for (const kind of ['rtp', 'srtp', 'signalling'] as const) {
      const { carried, beyond } = found[kind]
      // How busy the machine is decides how far it goes; calls that fail would be the sink's own.
      if (beyond === undefined) expect(carried, said).toBe(most[kind])
      else expect(beyond.why, said).toMatch(/the generator was too|began|dropped by its kernel/)
    }
    expect(said).toMatch(/This machine can generate (?:at least )?\d+ calls with audio at a time/)
  },
  240_000,
)

test('what is said of a load is refused beside it', async () => {
  expect(await ringproof('load', '--calibrate', '--profile', 'load', '--allow-load', 'x')).toEqual({
    code: 2,
    said: expect.stringContaining('remove --profile, --allow-load'),
  })
  expect(await ringproof('load')).toEqual({
    code: 2,
    said: expect.stringContaining("'--profile <name>' not specified"),
  })
})
