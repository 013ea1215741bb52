/** baresip, a softphone on libre and librem, as an ordinary process with a configuration of its own. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const installBaresip = 'sudo apt-get install --no-install-recommends baresip-core'
export const hasBaresip = spawnSync('baresip', ['-h']).error === undefined

const modules = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules']
/** Hz of the tone that it sends. */
export const TONE = 440
const RATE = 8000

export interface Line {
  readonly account: { readonly user: string; readonly password: string }
  /** Host and port of the server; it is the domain too. */
  readonly server: string
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** PEM of the authority that the server's certificate comes from. */
  readonly authority?: string | undefined
  readonly dials?: string
  readonly seconds: number
}

export interface Heard {
  readonly said: string
  /** Samples of what it decoded for its user. */
  readonly samples: Int16Array
}

/** Registers, dials where it is told to, and ends by itself after so many seconds. */
export async function baresip(line: Line): Promise<Heard> {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-baresip-'))
  const isSecure = line.transport === 'tls'
  writeFileSync(join(folder, 'tone.wav'), wavOfTone(line.seconds))
  const configuration = [
    `module_path ${modules.find((path) => existsSync(path)) ?? modules[0]}`,
    ...['g711', 'aufile', 'sndfile', 'srtp'].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    'module_app menu.so',
    `audio_source aufile,${join(folder, 'tone.wav')}`,
    // What it decodes is written to a file, too.
    `snd_path ${folder}`,
    `ausrc_srate ${RATE}`,
    `auplay_srate ${RATE}`,
    // It takes no loopback interface by itself.
    'net_interface 127.0.0.1',
    'sip_listen 127.0.0.1:0',
    ...(line.authority === undefined ? [] : [`sip_cafile ${join(folder, 'ca.pem')}`]),
  ]
  writeFileSync(join(folder, 'config'), `${configuration.join('\n')}\n`)
  if (line.authority !== undefined) writeFileSync(join(folder, 'ca.pem'), line.authority)
  const { user, password } = line.account
  const parameters = [
    `auth_pass=${password}`,
    'regint=600',
    'audio_codecs=pcma',
    ...(isSecure ? ['mediaenc=srtp-mand'] : []),
  ]
  writeFileSync(
    join(folder, 'accounts'),
    `<sip:${user}@${line.server};transport=${line.transport}>;${parameters.join(';')}\n`,
  )
  const dial = line.dials === undefined ? [] : ['-e', `/dial ${line.dials}`]
  const child = spawn('baresip', ['-f', folder, '-s', '-t', String(line.seconds), ...dial], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  const heard = readdirSync(folder).find((name) => name.endsWith('dec.wav'))
  const samples = heard === undefined ? new Int16Array() : samplesOf(readFileSync(join(folder, heard)))
  rmSync(folder, { recursive: true })
  return { said, samples }
}

const HEADER = 44
const LOUDNESS = 8000

/** A mono WAV file, 16 bits a sample. */
export function wavOfTone(seconds: number): Buffer {
  const samples = seconds * RATE
  const file = Buffer.alloc(HEADER + 2 * samples)
  file.write('RIFF', 0)
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  // PCM, one channel.
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(RATE, 24)
  file.writeUInt32LE(2 * RATE, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(2 * samples, 40)
  for (let n = 0; n < samples; n++)
    file.writeInt16LE(Math.round(LOUDNESS * Math.sin((2 * Math.PI * TONE * n) / RATE)), HEADER + 2 * n)
  return file
}

export function samplesOf(wav: Buffer): Int16Array {
  const count = Math.max(0, Math.floor((wav.length - HEADER) / 2))
  return Int16Array.from({ length: count }, (_, index) => wav.readInt16LE(HEADER + 2 * index))
}

/** How much of the power is in the tone, 0 to 1: Goertzel's algorithm. */
export function shareOfTone(samples: Int16Array, tone = TONE): number {
  const turn = 2 * Math.cos((2 * Math.PI * tone) / RATE)
  let [last, before, power] = [0, 0, 0]
  for (const sample of samples) {
    ;[last, before] = [sample + turn * last - before, last]
    power += sample * sample
  }
  const inTone = last * last + before * before - turn * last * before
  return power === 0 ? 0 : (2 * inTone) / (samples.length * power)
}
