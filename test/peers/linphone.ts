/** linphonec, Linphone's telephone for the terminal, as an ordinary process with a configuration of its own. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Line, samplesOf, wavOfTone } from './baresip.js'

export const installLinphone = 'sudo apt-get install --no-install-recommends linphone-cli'
/** Without a default route it takes the network for down, and can't be told otherwise. */
const hasRoute = /^\S+\t0{8}\t/m.test(routes())
export const lacksLinphone =
  spawnSync('linphonec', ['-v']).error !== undefined
    ? `linphonec is missing: ${installLinphone}`
    : hasRoute
      ? undefined
      : 'linphonec needs a default route'

function routes(): string {
  try {
    return readFileSync('/proc/net/route', 'latin1')
  } catch {
    return ''
  }
}

/** How long something may take that needs no more than a moment. */
const PATIENCE_MS = 15_000

/** A telephone whose user types commands. */
export class Linphone {
  /** All that it has printed. */
  said = ''
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringproof-linphone-'))
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  readonly #line: Line

  constructor(line: Line) {
    this.#line = line
    // Its data bases are put there, and not made otherwise.
    mkdirSync(join(this.#folder, '.local/share/linphone'), { recursive: true })
    if (line.authority !== undefined) writeFileSync(join(this.#folder, 'ca.pem'), line.authority)
    writeFileSync(join(this.#folder, 'tone.wav'), wavOfTone(line.seconds))
    writeFileSync(join(this.#folder, 'linphonerc'), this.#configuration())
    this.#child = spawn('linphonec', ['-c', join(this.#folder, 'linphonerc')], {
      env: { ...process.env, HOME: this.#folder },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (data: Buffer) => (this.said += data.toString()))
    this.#child.stdin.on('error', () => {})
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve))
  }

  #configuration(): string {
    const { transport } = this.#line
    const isSecure = transport === 'tls'
    // -1: any port; 0: not this transport.
    const ports = { udp: 'sip_port', tcp: 'sip_tcp_port', tls: 'sip_tls_port' }
    return [
      '[sip]',
      ...Object.entries(ports).map(([name, key]) => `${key}=${name === transport ? -1 : 0}`),
      'bind_address=127.0.0.1',
      `media_encryption=${isSecure ? 'srtp' : 'none'}`,
      `media_encryption_mandatory=${isSecure ? 1 : 0}`,
      `root_ca=${join(this.#folder, 'ca.pem')}`,
      'verify_server_certs=1',
      // Its TLS library (Mbed TLS 2.28) knows names in certificates and no addresses.
      'verify_server_cn=0',
      '[rtp]',
      'bind_address=127.0.0.1',
      'audio_rtp_port=-1',
      '[sound]',
      'echocancellation=0',
      '',
    ].join('\n')
  }

  /** Registers and waits until that is done. */
  async registers(): Promise<void> {
    const { account, server, transport } = this.#line
    await this.#prints(/linphonec> /)
    this.types('soundcard use files')
    const [host] = server.split(':')
    this.types(`register sip:${account.user}@${host} sip:${server};transport=${transport} ${account.password}`)
    await this.#prints(/registered, identity=/, 'status register')
  }

  /** Calls and waits until audio goes both ways; what it plays is a tone. */
  async calls(number: string): Promise<void> {
    const before = this.said.length
    this.types(`play ${join(this.#folder, 'tone.wav')}`)
    this.types(`call ${number}`)
    await this.#prints(/Media streams established/, undefined, before)
  }

  /** What it hears from now on is written to a file. */
  records(): void {
    this.types(`record ${join(this.#folder, 'heard.wav')}`)
  }

  heard(): Int16Array {
    return samplesOf(readFileSync(join(this.#folder, 'heard.wav')))
  }

  /** Waits until the other side has pressed these keys. */
  async isToldKeys(keys: string): Promise<void> {
    await this.#prints(
      new RegExp(
        keys
          .split('')
          .map((key) => `Receiving tone ${key} from[^]*`)
          .join(''),
      ),
    )
  }

  async hangsUp(): Promise<void> {
    const before = this.said.length
    this.types('terminate')
    await this.#prints(/ ended \(/, undefined, before)
  }

  types(command: string): void {
    this.#child.stdin.write(`${command}\n`)
  }

  /** Unregisters and ends. Called again it does nothing. */
  async ends(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.types('unregister')
      await this.#prints(/registered=(0|-1)|unregistered/, 'status register').catch(() => {})
      this.types('quit')
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
      await this.#closed
      clearTimeout(timer)
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Waits until it prints this, and asks for it again and again where `asking` is a command. */
  async #prints(what: RegExp, asking?: string, since = 0): Promise<void> {
    const until = Date.now() + PATIENCE_MS
    for (let turn = 0; !what.test(this.said.slice(since)); turn += 1) {
      if (Date.now() > until || this.#child.exitCode !== null)
        throw new Error(`linphonec did not print ${what.source}, but:\n${this.said}`)
      if (asking !== undefined && turn % 10 === 5) this.types(asking)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
