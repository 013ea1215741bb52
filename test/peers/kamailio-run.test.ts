import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadTarget } from '../../src/target/target-file.js'
import { endTurn, missingPrograms, script, takeTurn, targetFile } from './kamailio.js'

const missing = missingPrograms()
if (missing && process.env['CI']) throw new Error(`Kamailio cannot be started: ${missing}`)
if (missing) console.log(`Kamailio cannot be started, its tests are skipped: ${missing}`)

const folder = fileURLToPath(new URL('../../.cache/kamailio', import.meta.url))
const run = (words: string, env: Record<string, string | undefined> = {}): SpawnSyncReturns<string> =>
  spawnSync(script, words.split(' '), { encoding: 'utf8', env: { ...process.env, ...env } })
const lastLine = ({ stdout, stderr }: SpawnSyncReturns<string>) => `${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''

interface Started {
  readonly name: string
  readonly pid: number
}
const started = (): Started[] => JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')).processes
const isAlive = ({ pid }: Started) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

describe.skipIf(missing)('peers/kamailio/run', () => {
  beforeAll(takeTurn)
  afterAll(() => {
    run('stop')
    endTurn()
  })

  it('starts everything, says ready last, ends exactly that, and leaves no folder', () => {
    const answer = run('start')
    expect([answer.status, lastLine(answer)]).toEqual([0, expect.stringMatching(/^ready/)])
    const servers = started()
    expect(servers.map(({ name }) => name).sort()).toEqual([
      'dns',
      'kamailio',
      'ntp',
      'relay-1',
      'relay-2',
      'relay-3',
      'relay-4',
      'relay-5',
      'services',
      'stun',
    ])
    expect(servers.every(isAlive)).toBe(true)
    expect(run('stop').status).toBe(0)
    expect(servers.filter(isAlive)).toEqual([])
    expect(existsSync(folder)).toBe(false)
    expect(run('stop').status).toBe(0)
  })

  it('ends what an earlier start left before it starts anew', () => {
    run('start')
    const before = started()
    expect(run('start').status).toBe(0)
    expect(before.filter(isAlive)).toEqual([])
    expect(started().every(isAlive)).toBe(true)
    run('stop')
  })

  it('restarts Kamailio alone, and says ready when it answers', () => {
    expect([run('restart').status, lastLine(run('restart'))]).toEqual([1, 'the servers have not been started'])
    run('start')
    const before = started()
    const answer = run('restart')
    expect([answer.status, lastLine(answer)]).toEqual([0, expect.stringMatching(/^ready/)])
    const isNew = ({ pid }: Started) => before.every((one) => one.pid !== pid)
    expect(started().filter(isNew)).toMatchObject([{ name: 'kamailio' }])
    expect(before.filter((one) => !isAlive(one))).toMatchObject([{ name: 'kamailio' }])
    expect(started().every(isAlive)).toBe(true)
    run('stop')
  })

  it('loses one of its two servers and brings it back, and knows no other', async () => {
    expect([run('lose').status, run('start extra').status]).toEqual([2, 2])
    expect(lastLine(run('lose 127.1.0.71'))).toBe('the servers have not been started')
    run('start')
    const { udpAnswers } = await import(new URL('../../peers/lib/probes.mjs', import.meta.url).href)
    const answering = async () =>
      (await Promise.all(['127.1.0.70', '127.1.0.71'].map((address) => udpAnswers({ address, port: 5070 })))).join()
    const told = [await answering()]
    for (const verb of ['lose 127.1.0.71', 'regain 127.1.0.71', 'lose 127.1.0.70', 'regain 127.1.0.70']) {
      expect([verb, run(verb).status]).toEqual([verb, 0])
      told.push(await answering())
    }
    expect(told).toEqual(['true,true', 'true,false', 'true,true', 'false,true', 'true,true'])
    const stranger = run('lose 127.1.0.75')
    expect([stranger.status, lastLine(stranger)]).toEqual([1, expect.stringContaining('no server at 127.1.0.75')])
    run('stop')
  })

  it('leaves a process alone that has got the pid of one of its own meanwhile', () => {
    run('start')
    const file = join(folder, 'processes.json')
    const record = JSON.parse(readFileSync(file, 'utf8'))
    const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' })
    record.processes.push({ ...record.processes[0], name: 'impostor', pid: sleeper.pid })
    rmSync(file)
    spawnSync('tee', [file], { input: JSON.stringify(record), stdio: ['pipe', 'ignore', 'ignore'] })
    expect(run('stop').status).toBe(0)
    expect(isAlive({ name: 'sleep', pid: sleeper.pid! })).toBe(true)
    sleeper.kill()
  })

  it('ends the workers of a server that was killed, too, and can start again', async () => {
    run('start')
    const main = started().find(({ name }) => name === 'kamailio')!
    const workers = readFileSync(`/proc/${main.pid}/task/${main.pid}/children`, 'utf8').trim().split(' ').map(Number)
    expect(workers.length).toBeGreaterThan(5)
    process.kill(main.pid, 'SIGKILL')
    for (let i = 0; i < 100 && isAlive(main); i++) await sleep(20)
    expect(run('stop').status).toBe(0)
    expect(workers.filter((pid) => isAlive({ name: 'worker', pid }))).toEqual([])
    expect(run('start').status).toBe(0)
    run('stop')
  })

  it('stops by itself when the process is killed that it was started for, and refuses another until then', async () => {
    const owner = spawn('sleep', ['60'], { stdio: 'ignore' })
    expect(run('start', { RINGPROOF_PID: String(owner.pid) }).status).toBe(0)
    const servers = started()
    const other = run('start', { RINGPROOF_PID: String(process.pid) })
    expect([other.status, lastLine(other)]).toEqual([1, expect.stringContaining(`in use by process ${owner.pid}`)])
    expect(run('stop', { RINGPROOF_PID: String(process.pid) }).status).toBe(0)
    expect(servers.every(isAlive)).toBe(true)

    const gone = once(owner, 'exit')
    owner.kill('SIGKILL')
    await gone
    for (let i = 0; i < 100 && (existsSync(folder) || servers.some(isAlive)); i++) await sleep(100)
    expect(servers.filter(isAlive)).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  it('says in one sentence why it cannot start, and leaves nothing running', async () => {
    const squatter = createSocket('udp4')
    squatter.bind(5070, '127.1.0.71')
    await once(squatter, 'listening')
    const answer = run('start')
    squatter.close()
    expect([answer.status, lastLine(answer)]).toEqual([1, expect.stringMatching(/kamailio.*in use/)])
    expect(existsSync(folder)).toBe(false)
  })

  it('says the installing command last, with exit code 5, where a program is missing', () => {
    const bin = join(dirname(folder), 'kamailio-tests-path')
    mkdirSync(bin, { recursive: true })
    for (const tool of ['sh', 'dirname', 'readlink', 'env']) {
      const [found] = ['/usr/bin', '/bin'].map((at) => join(at, tool)).filter((path) => existsSync(path))
      if (found && !existsSync(join(bin, tool))) symlinkSync(found, join(bin, tool))
    }
    const answer = run('start', { PATH: bin, RINGPROOF_NODE: process.execPath })
    rmSync(bin, { recursive: true })
    expect([answer.status, lastLine(answer)]).toEqual([
      5,
      expect.stringMatching(/apt-get install .*\bkamailio\b.*\bchrony\b/),
    ])
  })

  it('has the accounts, addresses and ports that the target file tells', async () => {
    const target = loadTarget(targetFile)
    const layout = await import(new URL('../../peers/kamailio/layout.mjs', import.meta.url).href)
    expect(target.accounts.length).toBe(layout.accounts)
    expect(target.domain).toBe(layout.domain)
    expect(target.endpoints).toMatchObject({
      udp: { host: layout.domain, port: layout.sipPort },
      tcp: { host: layout.domain, port: layout.sipPort },
      tls: { host: layout.secure, port: layout.sipsPort, domain: layout.secure, ca: join(folder, 'ca.pem') },
    })
    expect(target.dns).toEqual({ server: layout.ipv4, port: layout.dnsPort })
    expect(target.stun).toEqual({ host: layout.stunName, ports: layout.stunPorts })
    expect(target.services).toMatchObject({ diversionTo: layout.diversionTo, timezone: layout.timezone })
    expect(target.accounts.flatMap(({ user, roles }) => (roles.includes('queue-agent') ? [user] : []))).toEqual(
      layout.agents,
    )
    expect(target.ntp).toEqual({ host: layout.ntpName, port: layout.ntpPort })
    type Relay = { name: string; ipv4: string; first: number; last: number; controlPort: number }
    const relays = layout.relays.map((relay: Relay) => ({
      name: relay.name,
      addresses: [relay.ipv4, layout.ipv6],
      udp: [`${relay.first}-${relay.last}`],
      control: { rtpengine: `127.0.0.1:${relay.controlPort}` },
    }))
    expect(target.published?.relays).toEqual(relays)
  })
})
