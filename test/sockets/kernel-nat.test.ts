import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { RouterResult } from '../../src/result/router-result.js'
import { INSIDE, type KernelNat, type KernelNatOptions, makeKernelNat, OUTSIDE, whyNoKernelNat } from './kernel-nat.js'

const why = whyNoKernelNat()
const program = fileURLToPath(new URL('../../bin/ringproof.mjs', import.meta.url))
type Undo = (() => unknown)[]

function start(before: readonly string[], args: readonly string[], undo: Undo): ChildProcess {
  const [command = '', ...rest] = [...before, process.execPath, program, ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  undo.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  })
  return child
}

/** What a child has printed: until it has said that, or has ended. */
function printed(child: ChildProcess, until?: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString()
      if (until !== undefined && text.includes(until)) resolve(text)
    })
    child.once('close', () => resolve(text))
  })
}

async function routerTest(
  name: string,
  options: KernelNatOptions,
  longest: string,
): Promise<{ result: RouterResult; exitCode: number | null; page: string }> {
  const undo: Undo = []
  try {
    const nat: KernelNat = makeKernelNat(name, options)
    undo.push(() => nat.remove())
    const listen = OUTSIDE.flatMap((address) => ['--listen', address])
    const reflector = start(nat.outside, ['reflector', ...listen], undo)
    expect(await printed(reflector, 'ready')).toContain('ready')
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-router-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const args = ['router', '--reflector', OUTSIDE[0], '--longest', longest, '--json', '--quiet', '--out', folder]
    const router = start(nat.inside, args, undo)
    const text = await printed(router)
    const page = readFileSync(join(folder, 'router.html'), 'utf8')
    const result: RouterResult = JSON.parse(text)
    return { result, exitCode: router.exitCode, page }
  } finally {
    for (const one of undo.toReversed()) await one()
  }
}

describe.skipIf(why !== undefined)(`a router test behind nftables${why === undefined ? '' : ` (${why})`}`, () => {
  test.concurrent('a router that keeps ports, forgets after 8 s, and after 20 s what has been in use', async () => {
    const { result, exitCode, page } = await routerTest(
      'keeps',
      { udpTimeout: 8, udpStreamTimeout: 20, tcpTimeout: 15 },
      '26s',
    )
    expect(result).toMatchObject({
      isTranslated: true,
      local: INSIDE,
      outside: '203.0.113.1',
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      hairpin: false,
      ports: { kept: 5, of: 5 },
      sizes: { fragments: true, upLargest: 4_500, downLargest: 4_500 },
    })
    const [fresh, used, tcp] = result.lifetimes
    // The kernel counts in seconds and looks once a while: a tenth, and a second.
    expect(fresh?.heldMs).toBeGreaterThan(7_200)
    expect(fresh?.heldMs).toBeLessThan(8_800)
    expect(used?.heldMs).toBeGreaterThan(18_000)
    expect(used?.heldMs).toBeLessThan(22_000)
    expect(tcp?.lostMs).toBe(26_000)
    expect(result.alg.map(({ outcome }) => outcome)).toEqual(['untouched', 'untouched', 'untouched', 'untouched'])
    expect(result.findings[0]?.title).toMatch(/^Nobody can call a telephone here (?:8|9|10) s after/)
    expect(exitCode).toBe(1)
    expect(page).toContain('Nobody can call a telephone here')
  })

  test.concurrent('a symmetric router behind a tunnel', async () => {
    const options = { masquerade: ['--random-fully'], udpTimeout: 120, udpStreamTimeout: 180, mtu: 1_280 }
    const { result, exitCode } = await routerTest('symmetric', options, '8s')
    expect(result).toMatchObject({
      mapping: 'address-and-port-dependent',
      filtering: 'address-and-port-dependent',
      ports: { kept: 0 },
    })
    expect(result.findings.map(({ id }) => id)).toEqual(['symmetric', 'no-hairpin'])
    expect(result.lifetimes.map(({ lostMs }) => lostMs)).toEqual([undefined, undefined, undefined])
    expect(exitCode).toBe(0)
  })
})
