// A small world in network namespaces: a home behind a router that translates addresses, a provider, somebody elsewhere; programs of strangers
// in it, and tcpdump. Needs root, iproute2, iptables, Kamailio, rtpengine, baresip, SIPp and tcpdump.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const SPACES = ['home', 'nat', 'core', 'prov', 'far']
const LINKS = [
  ['home', 'eth0', 'nat', 'lan'],
  ['nat', 'wan', 'core', 'c-nat'],
  ['core', 'c-prov', 'prov', 'eth0'],
  ['core', 'c-far', 'far', 'eth0'],
]
const ADDRESSES = [
  ['home', 'eth0', '192.168.1.20'],
  ['nat', 'lan', '192.168.1.1'],
  ['nat', 'wan', '192.0.2.33'],
  ['core', 'c-nat', '192.0.2.1'],
  ['core', 'c-prov', '203.0.113.1'],
  ['core', 'c-far', '198.51.100.1'],
  ['prov', 'eth0', '203.0.113.7'],
  ['prov', 'eth0', '203.0.113.8'],
  ['far', 'eth0', '198.51.100.9'],
]
const WAYS_OUT = { home: '192.168.1.1', nat: '192.0.2.1', prov: '203.0.113.1', far: '198.51.100.1' }
/** Ports 5060 and 2223 in /proc/net/udp. */
const LISTENING = [/:13C4 /, /:08AF /]

const run = (command, ...args) => execFileSync(command, args, { stdio: 'pipe', timeout: 20_000 })
/** @param seconds of the machine's own time: nothing here is virtual */
export const pause = (seconds) =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })

/** A program in one of the spaces. `said`: all that it has printed. */
class Program {
  said = ''

  constructor(space, command, args, options) {
    this.name = command
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'ip', 'netns', 'exec', space, command, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options,
    })
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (data) => (this.said += data))
    this.ended = new Promise((resolve) => this.child.once('close', resolve))
  }

  /** Waits until it has said something. @throws Error after 15 s */
  async says(what) {
    for (let n = 0; n < 300; n++) {
      if (what.test(this.said)) return
      // oxlint-disable-next-line no-await-in-loop -- until it says so
      await pause(0.05)
    }
    throw new Error(`${this.name}: ${what} never came; it said:\n${this.said.slice(-2000)}`)
  }
}

export class World {
  #prefix
  #folder = mkdtempSync(join(tmpdir(), 'strangers-'))
  #programs = []
  #dumps = []

  constructor(name) {
    this.#prefix = `strangers-${process.pid}-${name}-`
    for (const space of SPACES) {
      run('ip', 'netns', 'add', this.#space(space))
      this.#ip(space, 'link', 'set', 'lo', 'up')
    }
    for (const [a, ofA, b, ofB] of LINKS) {
      const [one, other] = [this.#space(a), this.#space(b)]
      run('ip', 'link', 'add', ofA, 'netns', one, 'type', 'veth', 'peer', 'name', ofB, 'netns', other)
      this.#ip(a, 'link', 'set', ofA, 'up')
      this.#ip(b, 'link', 'set', ofB, 'up')
    }
    for (const [space, device, address] of ADDRESSES) this.#ip(space, 'addr', 'add', `${address}/24`, 'dev', device)
    for (const [space, way] of Object.entries(WAYS_OUT)) this.#ip(space, 'route', 'add', 'default', 'via', way)
    for (const router of ['nat', 'core']) this.sets(router, 'ipv4/ip_forward', 1)
    this.exec('nat', 'iptables-nft', '-t', 'nat', '-A', 'POSTROUTING', '-o', 'wan', '-j', 'MASQUERADE')
  }

  #space(name) {
    return this.#prefix + name
  }

  #ip(space, ...args) {
    return run('ip', '-n', this.#space(space), ...args)
  }

  exec(space, ...args) {
    return run('ip', 'netns', 'exec', this.#space(space), ...args)
  }

  sets(space, key, value) {
    this.exec(space, 'sh', '-c', `echo ${value} > /proc/sys/net/${key}`)
  }

  /** A rule of iptables by which packets are lost. */
  loses(space, ...rule) {
    this.exec(space, 'iptables-nft', ...rule, '-j', 'DROP')
  }

  starts(space, command, args, options = {}) {
    const program = new Program(this.#space(space), command, args, options)
    this.#programs.push(program)
    return program
  }

  /** @param without `NO_NAT`, `NO_RELAY`: what it does not do */
  async provider(...without) {
    const relay = '--config-file=none --foreground --log-stderr --log-level=5 --table=-1 --interface=203.0.113.8'
    const ports = '--listen-ng=203.0.113.8:2223 --port-min=30000 --port-max=30200 --delete-delay=0 --num-threads=1'
    this.starts('prov', 'rtpengine', `${relay} ${ports} --media-num-threads=1`.split(' '))
    const folder = this.#folder
    const files = ['-f', join(here, 'kamailio.cfg'), '-w', folder, '-Y', folder, '-P', join(folder, 'pid')]
    const defines = without.flatMap((name) => ['-A', name])
    const kamailio = this.starts('prov', 'kamailio', ['-DD', '-E', '-m', '64', '-M', '8', ...defines, ...files])
    for (let n = 0; n < 100; n++) {
      const sockets = this.exec('prov', 'cat', '/proc/net/udp').toString()
      if (LISTENING.every((port) => port.test(sockets))) return
      // oxlint-disable-next-line no-await-in-loop -- until they listen
      await pause(0.1)
    }
    throw new Error(`no provider: ${kamailio.said}`)
  }

  /** tcpdump on all interfaces of a space. */
  async dumps(space, file, { filter = 'not host 127.0.0.1 and not port 2223', device = 'any', more = [] } = {}) {
    const args = ['-i', device, '--immediate-mode', '-B', '16384', '-U', '-w', file, '-Z', 'root', ...more, filter]
    const program = this.starts(space, 'tcpdump', args)
    this.#dumps.push(program)
    await program.says(/listening on/)
  }

  /** baresip with an account; it is registered when this resolves. */
  async phone(space, address, user, o = {}) {
    const { answers = false, params = '', modules = [], transport = 'udp', expires = 300, sound } = o
    const { password = 'secret', awaits = /200 OK/ } = o
    const folder = join(this.#folder, user)
    mkdirSync(folder)
    const config = [
      'module_path /usr/lib/baresip/modules',
      ...['g711', 'aufile', ...modules].map((name) => `module ${name}.so`),
      ...['account', 'menu', 'ctrl_tcp'].map((name, index) => `module_${index === 0 ? 'tmp' : 'app'} ${name}.so`),
      'ctrl_tcp_listen 127.0.0.1:4444',
      `audio_source aufile,${sound}`,
      'audio_player aufile,/dev/null',
      'net_interface eth0',
      `sip_listen ${address}:5060`,
      'rtp_ports 10000-10100',
      'ausrc_srate 8000',
      'auplay_srate 8000',
    ]
    const settings = `auth_pass=${password};audio_codecs=pcma,pcmu;regint=${expires};outbound="sip:203.0.113.7:5060;transport=${transport}"`
    writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`)
    const mode = `answermode=${answers ? 'auto' : 'manual'}`
    writeFileSync(join(folder, 'accounts'), `<sip:${user}@voip.example>;${settings};${mode}${params}\n`)
    const program = this.starts(space, 'baresip', ['-f', folder])
    await program.says(awaits)
    const tells = (command, of = '') => {
      const message = JSON.stringify({ command, params: of, token: '' })
      const netstring = `${Buffer.byteLength(message)}:${message},`
      const script = 'exec 3<>/dev/tcp/127.0.0.1/4444; printf "%s" "$1" >&3; sleep 0.1'
      this.exec(space, 'bash', '-c', script, 'bash', netstring)
    }
    return { tells, says: (what) => program.says(what) }
  }

  async sipp(space, file, ...args) {
    const program = this.starts(
      space,
      'sipp',
      ['-sf', join(here, file), '-nostdin', '-m', '1', '-timeout', '60s', ...args],
      {
        cwd: this.#folder,
        env: { ...process.env, TERM: 'dumb' },
      },
    )
    await program.ended
  }

  async ends() {
    // What tcpdump has not written yet.
    await pause(0.6)
    for (const { child } of this.#dumps) child.kill('SIGTERM')
    await Promise.all(this.#dumps.map(({ ended }) => ended))
    for (const space of SPACES) {
      const pids = run('ip', 'netns', 'pids', this.#space(space)).toString().split('\n').filter(Boolean)
      for (const pid of pids) process.kill(Number(pid), 'SIGKILL')
    }
    await Promise.all(this.#programs.map(({ ended }) => ended))
    for (const space of SPACES) run('ip', 'netns', 'delete', this.#space(space))
    rmSync(this.#folder, { recursive: true })
  }
}
