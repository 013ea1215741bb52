/** linphonec, Linphone's telephone for the terminal, typed into. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Phone, SPEECH } from './phone.js'
import type { Line, Settings } from './telephone.js'
import { lacksProgram } from './tied-process.js'
import { samplesOf } from './tone.js'
import { RING_PATIENCE_MS } from './until.js'

/** Without a default route it takes the network for down, and can't be told otherwise. */
const hasRoute = /^\S+\t0{8}\t/m.test(routes())
export const lacksLinphone =
  lacksProgram('linphonec', '-v', 'sudo apt-get install --no-install-recommends linphone-cli') ??
  (hasRoute ? undefined : 'linphonec needs a default route')

function routes(): string {
  try {
    return readFileSync('/proc/net/route', 'latin1')
  } catch {
    return ''
  }
}

const ENCRYPTION = { none: 'none', sdes: 'srtp', dtls: 'dtls' } as const
const CHOSEN: Readonly<Record<string, Line['keys']>> = { None: 'none', SRTP: 'sdes', DTLS: 'dtls' }
/** All that Debian's has; what is not named is enabled. */
const CODECS = [
  ['PCMA', 8000, 1],
  ['PCMU', 8000, 1],
  ['opus', 48000, 2],
  ['speex', 8000, 1],
  ['speex', 16000, 1],
  ['speex', 32000, 1],
  ['G722', 8000, 1],
  ['G729', 8000, 1],
  ['GSM', 8000, 1],
] as const
/** It plays its file once. */
const SPEECH_SECONDS = 120

function configuration({ transport, keys, authority }: Settings): string {
  // -1: any port; 0: not this transport.
  const ports = { udp: 'sip_port', tcp: 'sip_tcp_port', tls: 'sip_tls_port' }
  return [
    '[sip]',
    ...Object.entries(ports).map(([name, key]) => `${key}=${name === transport ? -1 : 0}`),
    'bind_address=127.0.0.1',
    `media_encryption=${ENCRYPTION[keys]}`,
    `media_encryption_mandatory=${keys === 'none' ? 0 : 1}`,
    `root_ca=${authority}`,
    'verify_server_certs=1',
    // Its TLS library (Mbed TLS 2.28) knows names in certificates and no addresses.
    'verify_server_cn=0',
    '[rtp]',
    'bind_address=127.0.0.1',
    'audio_rtp_port=-1',
    '[sound]',
    'echocancellation=0',
    ...CODECS.flatMap(([mime, rate, channels], index) => [
      `[audio_codec_${index}]`,
      `mime=${mime}`,
      `rate=${rate}`,
      `channels=${channels}`,
      `enabled=${mime === 'PCMA' ? 1 : 0}`,
    ]),
    '',
  ].join('\n')
}

/** Its configuration; its data bases are put there, and not made otherwise. */
const CONFIGURATION = 'linphonerc'
const DATA_BASES = '.local/share/linphone'

export class Linphone extends Phone {
  /** How much it had said and logged when the call began. */
  #callSince = 0
  #logSince = 0
  #recordings = 0

  constructor(settings: Settings) {
    super(settings, {
      program: 'linphonec',
      args: (folder) => ['-c', join(folder, CONFIGURATION), '-d', '5', '-l', join(folder, 'log')],
      env: (folder) => ({ HOME: folder }),
      files: () => ({ [CONFIGURATION]: configuration(settings), [join(DATA_BASES, 'README')]: '' }),
      speechSeconds: SPEECH_SECONDS,
    })
  }

  get #log(): string {
    const file = join(this.folder, 'log')
    return existsSync(file) ? readFileSync(file, 'latin1') : ''
  }

  #prints(what: RegExp, since = this.#callSince): Promise<RegExpExecArray> {
    return this.until(what.source, () => what.exec(this.program.said.slice(since)) ?? undefined)
  }

  async registers(): Promise<void> {
    await this.#prints(/linphonec> /)
    const { account, server, transport } = this.settings
    this.program.types('soundcard use files')
    this.program.types(`play ${join(this.folder, SPEECH)}`)
    const proxy = `sip:${server.host}:${server.port};transport=${transport}`
    this.program.types(`register sip:${account.user}@${server.host} ${proxy} ${account.password}`)
    // It tells when it is asked.
    await this.#tells('registered', /registered, identity=/, 0)
  }

  /** Of its registration it tells when it is asked. */
  async #tells(what: string, answer: RegExp, since: number): Promise<void> {
    let turn = 0
    await this.until(what, () => {
      if (turn++ % 5 === 0) this.program.types('status register')
      return answer.exec(this.program.said.slice(since)) ?? undefined
    })
  }

  dials(number: string): void {
    this.#callSince = this.program.said.length
    this.#logSince = this.#log.length
    this.program.types(`call ${number}`)
  }

  protected async isUp(): Promise<void> {
    await this.#prints(/Media streams established/)
    // Before, it would end by it.
    this.#recordings += 1
    this.program.types(`record ${this.#recording}`)
  }

  get #recording(): string {
    return join(this.folder, `heard-${this.#recordings}.wav`)
  }

  async isRefused(number: string): Promise<number> {
    this.dials(number)
    await this.#prints(/Call \d+ with .+ (?:error|ended)/)
    const statuses = [...this.#log.slice(this.#logSince).matchAll(/^SIP\/2\.0 ([4-6]\d\d) /gm)].map(([, text]) => text)
    return Number(statuses.at(-1))
  }

  async rings(...from: string[]): Promise<void> {
    const found = await this.until(
      `rings for ${from.join(' or ')}`,
      () =>
        [
          ...this.program.said.matchAll(
            /Receiving new incoming call from (?:"[^"]*" )?<?sip:([^@]+)@\S+, assigned id (\d+)/g,
          ),
        ].find(([, user = '', id = '']) => from.includes(user) && !this.rung.has(id)),
      undefined,
      RING_PATIENCE_MS,
    )
    this.rung.add(found[2] ?? '')
    this.#callSince = found.index
    this.#logSince = this.#log.length
  }

  async answers(): Promise<void> {
    this.program.types('answer')
    await this.isAnswered()
  }

  protected async keysInUse(): Promise<string> {
    const chosen = /Negotiated media encryption is LinphoneMediaEncryption(\w+)/g
    const [, name = ''] = await this.until('keys agreed', () =>
      [...this.#log.slice(this.#logSince).matchAll(chosen)].at(-1),
    )
    return CHOSEN[name] ?? name
  }

  protected heard(): Int16Array {
    return existsSync(this.#recording) ? samplesOf(readFileSync(this.#recording)) : new Int16Array()
  }

  async presses(keys: string): Promise<void> {
    for (const key of keys) {
      this.program.types(key)
      // A key lasts for 100 ms, and another one would replace it.
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
  }

  async isToldKeys(keys: string): Promise<void> {
    await this.until(`is told ${keys}`, () => {
      const told = [...this.program.said.slice(this.#callSince).matchAll(/Receiving tone (.) from/g)].map(
        ([, key]) => key,
      )
      return told.join('') === keys ? true : undefined
    })
  }

  /** It has no lamp that a script sees: what it was told is in its log. */
  async lampShows(fresh: number, old: number): Promise<void> {
    await this.until(`is told of ${fresh}/${old} messages`, () => {
      const last = [...this.#log.matchAll(/^Voice-Message: (\d+\/\d+)/gm)].at(-1)?.[1]
      return last === `${fresh}/${old}` ? true : undefined
    })
  }

  async transfers(to: string): Promise<void> {
    this.program.types(`transfer ${to}`)
    await this.#prints(/has been transfered/)
    await this.isHungUp()
  }

  async holds(): Promise<void> {
    this.program.types('pause')
    await this.#prints(/is now paused/)
  }

  async connects(): Promise<void> {
    const calls = [...this.program.said.matchAll(/, assigned id (\d+)/g)].slice(-2).map(([, id]) => id)
    this.program.types(`transfer ${calls[0]} --to-call ${calls[1]}`)
    await this.#prints(/has been transfered/)
  }

  async hangsUp(): Promise<void> {
    this.program.types('terminate')
    await this.isHungUp()
  }

  async isHungUp(): Promise<void> {
    await this.#prints(/Call \d+ with .+ ended \(/)
  }

  protected async leaves(): Promise<void> {
    const since = this.program.said.length
    this.program.types('unregister')
    await this.#tells('unregistered', /registered=(0|-1)|unregistered/, since).catch(() => {})
    this.program.types('quit')
  }
}
