/** baresip, a softphone on libre and librem, driven over its module ctrl_tcp. */
import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Phone, SPEECH } from './phone.js'
import type { Settings } from './telephone.js'
import { lacksProgram } from './tied-process.js'
import { samplesOf } from './tone.js'
import { RING_PATIENCE_MS } from './until.js'

export const lacksBaresip = lacksProgram('baresip', '-h', 'sudo apt-get install --no-install-recommends baresip-core')

const MODULES = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules']
const CONTROL_PORT = 4444
const ENCRYPTION = { none: undefined, sdes: 'srtp-mand', dtls: 'dtls_srtp' } as const
/** That of DTLS makes a key of RSA when it is loaded. */
const MODULE = { none: [], sdes: ['srtp'], dtls: ['dtls_srtp'] } as const
/** What it tells of keys: the suite, where they are from SDP; what they are for, where they are from DTLS. */
const SDES = /^0,audio,AES_/
const DTLS = /^0,audio,RTP$/
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

/** Its file `config`. @param control address that it takes commands at */
function configuration({ keys, authority }: Settings, control: string, folder: string): string {
  return [
    `module_path ${MODULES.find((path) => existsSync(path)) ?? MODULES[0]}`,
    ...['g711', 'aufile', 'sndfile', ...MODULE[keys]].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    ...['menu', 'mwi', 'ctrl_tcp'].map((name) => `module_app ${name}.so`),
    `ctrl_tcp_listen ${control}:${CONTROL_PORT}`,
    `audio_source aufile,${join(folder, SPEECH)}`,
    // What it decodes is written to a file, too.
    `snd_path ${folder}`,
    'ausrc_srate 8000',
    'auplay_srate 8000',
    // It takes no loopback interface by itself.
    'net_interface 127.0.0.1',
    'sip_listen 127.0.0.1:0',
    `sip_cafile ${authority}`,
    '',
  ].join('\n')
}

function accountLine({ account, server, transport, keys, light }: Settings): string {
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

export class Baresip extends Phone {
  #control: Socket | undefined
  readonly #events: Event[] = []
  /** How many commands it has answered. */
  #answers = 0
  /** How many events there were when the call began, and which of those that followed are about it. */
  #callSince = 0
  #isOfCall: (event: Event) => boolean = () => true

  constructor(settings: Settings) {
    // Its own, since it does not tell which port it was given: two addresses of loopback are hardly ever the same.
    const control = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`
    super(settings, {
      program: 'baresip',
      args: (folder) => ['-f', folder],
      files: (folder) => ({ config: configuration(settings, control, folder), accounts: '' }),
      speechSeconds: SPEECH_SECONDS,
    })
    this.#connects(control)
  }

  #connects(host: string): void {
    const socket = connect(CONTROL_PORT, host)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('connect', () => (this.#control = socket))
    // It has not begun to listen.
    socket.on('error', () => {
      if (this.#control === undefined && this.program.ended === null) setTimeout(() => this.#connects(host), 30)
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

  /** All that it has printed, without the line that counts bits, and all that it has told. */
  protected override get story(): string {
    return `${this.program.said.replaceAll(/\n*\[\d:\d\d:\d\d\] audio=[^\n]*\n*/g, '\n')}\n${this.#events.map((event) => JSON.stringify(event)).join('\n')}`
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
    await this.until('control connection', () => this.#control)
    // Its module mwi subscribes without end where an account has registered before the module's first timer (1 ms): after this it has not.
    this.#commands('uuid')
    await this.until('an answer', () => (this.#answers > 0 ? true : undefined))
    this.#commands('uanew', accountLine(this.settings))
    await this.until(
      'registered',
      () => /200 OK \(.*\) \[1 binding\]/.exec(this.program.said) ?? undefined,
      () => this.#events.find(({ type }) => type === 'REGISTER_FAIL')?.param,
    )
  }

  dials(number: string): void {
    this.#callSince = this.#events.length
    this.#isOfCall = ({ direction, peeruri }) => direction === 'outgoing' && peeruri?.includes(`:${number}@`) === true
    this.#commands('dial', number)
  }

  protected async isUp(): Promise<void> {
    await this.until('call established', () => this.#inCall('CALL_ESTABLISHED'), this.#closed)
  }

  /** Of DTLS-SRTP it tells what the keys are for, of SDES which suite; of plain audio nothing. */
  protected async keysInUse(): Promise<string> {
    if (this.settings.keys === 'none') return this.#inCall('CALL_MENC')?.param ?? 'none'
    const { param = '' } = await this.until('keys agreed', () => this.#inCall('CALL_MENC'), this.#closed)
    return [['sdes', SDES] as const, ['dtls', DTLS] as const].find(([, form]) => form.test(param))?.[0] ?? param
  }

  readonly #closed = (): string | undefined => this.#inCall('CALL_CLOSED')?.param

  async isRefused(number: string): Promise<number> {
    this.dials(number)
    const closed = await this.until('call refused', () => this.#inCall('CALL_CLOSED'))
    return Number(/^(\d{3}) /.exec(closed.param ?? '')?.[1])
  }

  async rings(...from: string[]): Promise<void> {
    const isIt = ({ type, peeruri, id = '' }: Event) =>
      type === 'CALL_INCOMING' && !this.rung.has(id) && from.some((number) => peeruri?.startsWith(`sip:${number}@`))
    const look = () => this.#events.find(isIt)
    const { id = '' } = await this.until(`rings for ${from.join(' or ')}`, look, undefined, RING_PATIENCE_MS)
    this.rung.add(id)
    this.#callSince = 0
    this.#isOfCall = (event) => event.id === id
  }

  async answers(): Promise<void> {
    this.#commands('accept')
    await this.isAnswered()
  }

  /** In the file that was begun last: names are times. */
  protected heard(): Int16Array {
    const name = readdirSync(this.folder)
      .filter((one) => one.endsWith('-dec.wav'))
      .sort()
      .at(-1)
    return name === undefined ? new Int16Array() : samplesOf(readFileSync(join(this.folder, name)))
  }

  async presses(keys: string): Promise<void> {
    for (const key of keys) {
      const before = this.program.said.length
      this.#commands('sndcode', key)
      await this.until(
        `pressed ${key}`,
        () => this.program.said.slice(before).includes(`send DTMF digit end: '${key}'`) || undefined,
      )
      // It says so at once; the key is on its way for a moment longer, and another one would replace it.
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  async isToldKeys(keys: string): Promise<void> {
    await this.until(`is told ${keys}`, () => {
      const told = this.#events.slice(this.#callSince).filter(({ type }) => type === 'CALL_DTMF_START')
      return told.map(({ param }) => param).join('') === keys ? true : undefined
    })
  }

  async lampShows(fresh: number, old: number): Promise<void> {
    await this.until(`lamp shows ${fresh}/${old}`, () => {
      const last = [...this.program.said.matchAll(/^Voice-Message: (\d+\/\d+)/gm)].at(-1)?.[1]
      return last === `${fresh}/${old}` ? true : undefined
    })
  }

  async transfers(to: string): Promise<void> {
    // As it stands this goes into Refer-To.
    this.#commands('transfer', `sip:${to}@${this.settings.server.host}`)
    await this.isHungUp()
  }

  async hangsUp(): Promise<void> {
    this.#commands('hangup')
    await this.isHungUp()
  }

  async isHungUp(): Promise<void> {
    await this.until('call closed', () => this.#inCall('CALL_CLOSED'))
  }

  protected leaves(): Promise<void> {
    this.#commands('quit')
    return Promise.resolve()
  }

  override async ends(): Promise<void> {
    await super.ends()
    this.#control?.destroy()
  }
}
