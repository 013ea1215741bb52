/** baresip, a softphone on libre and librem, driven over its module ctrl_tcp. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings, Telephone } from './telephone.js'
import { samplesOf, secondsOfTone, wavOfTone } from './tone.js'
import { PATIENCE_MS, RING_PATIENCE_MS, until } from './until.js'

const installBaresip = 'sudo apt-get install --no-install-recommends baresip-core'
export const lacksBaresip =
  spawnSync('baresip', ['-h']).error === undefined ? undefined : `baresip is missing: ${installBaresip}`

const MODULES = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules']
const CONTROL_PORT = 4444
const ENCRYPTION = { none: undefined, sdes: 'srtp-mand', dtls: 'dtls_srtp' } as const
/** That of DTLS makes a key of RSA when it is loaded. */
const MODULE = { none: [], sdes: ['srtp'], dtls: ['dtls_srtp'] } as const
/** Longer than any call here. */
const SPEECH_SECONDS = 60

interface Event {
  readonly type: string
  readonly param?: string
  readonly peeruri?: string
  readonly direction?: string
  readonly id?: string
}

/** Not the answer to a command. */
function isEvent(message: unknown): message is Event {
  return typeof message === 'object' && message !== null && 'event' in message && 'type' in message
}

export class Baresip implements Telephone {
  readonly tone: number
  readonly #settings: Settings
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringproof-baresip-'))
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #control: Socket | undefined
  readonly #events: Event[] = []
  /** How many commands it has answered. */
  #answers = 0
  /** How many events there were when the call began, and which of those that followed are about it. */
  #callSince = 0
  #isOfCall: (event: Event) => boolean = () => true
  /** Calls that were waited for. */
  readonly #rung = new Set<string>()
  #said = ''

  constructor(settings: Settings) {
    this.tone = settings.tone
    this.#settings = settings
    // Its own, since it does not tell which port it was given: two addresses of loopback are hardly ever the same.
    const control = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`
    writeFileSync(join(this.#folder, 'tone.wav'), wavOfTone(settings.tone, SPEECH_SECONDS))
    writeFileSync(join(this.#folder, 'config'), this.#configuration(control))
    writeFileSync(join(this.#folder, 'accounts'), '')
    this.#child = spawn('baresip', ['-f', this.#folder], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (data: Buffer) => (this.#said += data.toString()))
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#connects(control)
  }

  #configuration(control: string): string {
    const { keys, authority } = this.#settings
    return [
      `module_path ${MODULES.find((path) => existsSync(path)) ?? MODULES[0]}`,
      ...['g711', 'aufile', 'sndfile', ...MODULE[keys]].map((name) => `module ${name}.so`),
      'module_tmp account.so',
      ...['menu', 'mwi', 'ctrl_tcp'].map((name) => `module_app ${name}.so`),
      `ctrl_tcp_listen ${control}:${CONTROL_PORT}`,
      `audio_source aufile,${join(this.#folder, 'tone.wav')}`,
      // What it decodes is written to a file, too.
      `snd_path ${this.#folder}`,
      'ausrc_srate 8000',
      'auplay_srate 8000',
      // It takes no loopback interface by itself.
      'net_interface 127.0.0.1',
      'sip_listen 127.0.0.1:0',
      `sip_cafile ${authority}`,
      '',
    ].join('\n')
  }

  #account(): string {
    const { account, server, transport, keys, light } = this.#settings
    const encryption = ENCRYPTION[keys]
    const parameters = [
      `auth_pass=${account.password}`,
      'regint=600',
      'audio_codecs=pcma',
      `mwi=${light ? 'yes' : 'no'}`,
      'call_transfer=yes',
      // Without it what is no call (SUBSCRIBE) goes over UDP, whatever the account says.
      `outbound="sip:${server.host}:${server.port};transport=${transport}"`,
      ...(encryption === undefined ? [] : [`mediaenc=${encryption}`]),
    ]
    return `<sip:${account.user}@${server.host};transport=${transport}>;${parameters.join(';')}`
  }

  #connects(host: string): void {
    const socket = connect(CONTROL_PORT, host)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('connect', () => (this.#control = socket))
    // It has not begun to listen.
    socket.on('error', () => {
      if (this.#control === undefined && this.#child.exitCode === null) setTimeout(() => this.#connects(host), 30)
    })
    socket.on('data', (data: string) => {
      text += data
      // Netstrings of JSON.
      for (let mark = text.indexOf(':'); mark > 0; mark = text.indexOf(':')) {
        const end = mark + 1 + Number(text.slice(0, mark))
        if (text.length <= end) return
        const message: unknown = JSON.parse(text.slice(mark + 1, end))
        if (isEvent(message)) this.#events.push(message)
        else this.#answers += 1
        text = text.slice(end + 1)
      }
    })
  }

  /** All that it has printed, without the line that counts bits. */
  get #story(): string {
    return `${this.#said.replaceAll(/\n*\[\d:\d\d:\d\d\] audio=[^\n]*\n*/g, '\n')}\n${this.#events.map((event) => JSON.stringify(event)).join('\n')}`
  }

  #until<T>(
    what: string,
    look: () => T | undefined,
    failed?: () => string | undefined,
    patienceMs = PATIENCE_MS,
  ): Promise<T> {
    const gone = () => (this.#child.exitCode === null ? undefined : `it ended with code ${this.#child.exitCode}`)
    return until(`baresip: ${what}`, look, { said: () => this.#story, failed: () => gone() ?? failed?.(), patienceMs })
  }

  /** Whether the call has come to this. */
  #inCall(type: string): Event | undefined {
    return this.#events.slice(this.#callSince).find((event) => event.type === type && this.#isOfCall(event))
  }

  #commands(command: string, params = ''): void {
    const message = JSON.stringify({ command, params, token: '' })
    this.#control?.write(`${Buffer.byteLength(message)}:${message},`)
  }

  async registers(): Promise<void> {
    await this.#until('control connection', () => this.#control)
    // Its module mwi subscribes without end where an account has registered before the module's first timer (1 ms): after this it has not.
    this.#commands('uuid')
    await this.#until('an answer', () => (this.#answers > 0 ? true : undefined))
    this.#commands('uanew', this.#account())
    await this.#until(
      'registered',
      () => /200 OK \(.*\) \[1 binding\]/.exec(this.#said) ?? undefined,
      () => this.#events.find(({ type }) => type === 'REGISTER_FAIL')?.param,
    )
  }

  dials(number: string): void {
    this.#callSince = this.#events.length
    this.#isOfCall = ({ direction, peeruri }) => direction === 'outgoing' && peeruri?.includes(`:${number}@`) === true
    this.#commands('dial', number)
  }

  async calls(number: string): Promise<void> {
    this.dials(number)
    await this.isAnswered()
  }

  async isAnswered(): Promise<void> {
    const closed = () => this.#inCall('CALL_CLOSED')?.param
    await this.#until('call established', () => this.#inCall('CALL_ESTABLISHED'), closed)
    if (this.#settings.keys !== 'none') await this.#until('keys agreed', () => this.#inCall('CALL_MENC'), closed)
  }

  async isRefused(number: string): Promise<number> {
    this.dials(number)
    const closed = await this.#until('call refused', () => this.#inCall('CALL_CLOSED'))
    return Number(/^(\d{3}) /.exec(closed.param ?? '')?.[1])
  }

  async rings(...from: string[]): Promise<void> {
    const isIt = ({ type, peeruri, id = '' }: Event) =>
      type === 'CALL_INCOMING' && !this.#rung.has(id) && from.some((number) => peeruri?.startsWith(`sip:${number}@`))
    const look = () => this.#events.find(isIt)
    const { id = '' } = await this.#until(`rings for ${from.join(' or ')}`, look, undefined, RING_PATIENCE_MS)
    this.#rung.add(id)
    this.#callSince = 0
    this.#isOfCall = (event) => event.id === id
  }

  async answers(): Promise<void> {
    this.#commands('accept')
    await this.isAnswered()
  }

  async declines(): Promise<void> {
    await this.hangsUp()
  }

  async keysInUse(): Promise<Settings['keys']> {
    const { param } = this.#inCall('CALL_MENC') ?? {}
    // Of DTLS-SRTP it tells what the keys are for, of SDES which suite.
    return Promise.resolve(param === undefined ? 'none' : param.startsWith('0,audio,AES') ? 'sdes' : 'dtls')
  }

  /** Of the file that was begun last: names are times. */
  #heard(): Int16Array {
    const name = readdirSync(this.#folder)
      .filter((one) => one.endsWith('-dec.wav'))
      .sort()
      .at(-1)
    return name === undefined ? new Int16Array() : samplesOf(readFileSync(join(this.#folder, name)))
  }

  heardTone(hz: number): number {
    return secondsOfTone(this.#heard(), hz)
  }

  async hearsTone(hz: number, seconds = 1): Promise<void> {
    await this.#until(`hears ${hz} Hz`, () => (this.heardTone(hz) >= seconds ? true : undefined))
  }

  async presses(keys: string): Promise<void> {
    for (const key of keys) {
      const before = this.#said.length
      this.#commands('sndcode', key)
      await this.#until(
        `pressed ${key}`,
        () => this.#said.slice(before).includes(`send DTMF digit end: '${key}'`) || undefined,
      )
      // It says so at once; the key is on its way for a moment longer, and another one would replace it.
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  async isToldKeys(keys: string): Promise<void> {
    await this.#until(`is told ${keys}`, () => {
      const told = this.#events.slice(this.#callSince).filter(({ type }) => type === 'CALL_DTMF_START')
      return told.map(({ param }) => param).join('') === keys ? true : undefined
    })
  }

  async lampShows(fresh: number, old: number): Promise<void> {
    await this.#until(`lamp shows ${fresh}/${old}`, () => {
      const last = [...this.#said.matchAll(/^Voice-Message: (\d+\/\d+)/gm)].at(-1)?.[1]
      return last === `${fresh}/${old}` ? true : undefined
    })
  }

  async transfers(to: string): Promise<void> {
    // As it stands this goes into Refer-To.
    this.#commands('transfer', `sip:${to}@${this.#settings.server.host}`)
    await this.isHungUp()
  }

  async hangsUp(): Promise<void> {
    this.#commands('hangup')
    await this.isHungUp()
  }

  async isHungUp(): Promise<void> {
    await this.#until('call closed', () => this.#inCall('CALL_CLOSED'))
  }

  async ends(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#commands('quit')
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
      await this.#closed
      clearTimeout(timer)
    }
    this.#control?.destroy()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
