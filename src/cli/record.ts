/** Calls a service or number of a target and keeps what is heard as a labelled reference. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { soundPrint } from '../media/sound-print.js'
import { runConformance } from '../runner/run.js'
import { finding, scenario, hearsSpeech } from '../scenario/index.js'
import { heardAt } from '../scenario/recorded-announcement.js'
import type { TargetDocument } from '../target/target-file.js'
import type { TransportName } from '../transport/flow.js'
import { socketStages } from '../worlds/socket-stages.js'
import { NotRunError } from './errors.js'

export interface RecordOrder {
  readonly document: TargetDocument
  /** What is dialled. */
  readonly number: string
  /** For so long (s) after somebody has begun to speak. */
  readonly seconds: number
  /** Aborted when the command is interrupted: the call is hung up then. */
  readonly signal: AbortSignal
}

/** Somebody has to speak by then, ms. */
const SPEAKS_MS = 12_000

/** @returns samples, 8,000 a second, from the first sound on; or why there are none */
export async function recordAnnouncement({
  document,
  number,
  seconds,
  signal,
}: RecordOrder): Promise<Int16Array | string> {
  let samples: Int16Array = new Int16Array(0)
  const definition = scenario({
    id: 'record/announcement',
    title: 'An announcement is recorded',
    area: 'services',
    purposes: ['SC-1'],
    rules: { spoken: finding('RFC 3261 §13', 'somebody speaks', { gravity: 'letter' }) },
    devices: { alice: {} },
    seconds: seconds + SPEAKS_MS / 1000 + 12,
    harm: 'There is nothing to record.',
    advice: 'Call the number with a telephone.',
    async run({ alice, expect, within, clock }) {
      await alice.registers()
      const call = await alice.invites(number)
      await within(call.answered, 8_000)
      const heard = await hearsSpeech(alice, clock, { withinMs: SPEAKS_MS })
      if (heard.spoken) await clock.sleep(1000 * seconds)
      samples = heardAt(alice)
      expect('spoken', heard.words).toSatisfy('speech', () => heard.spoken)
    },
  })
  const stage = await socketStages(document)
  try {
    const { stages, startMs } = stage
    const transport: TransportName = document.endpoints.udp ? 'udp' : document.endpoints.tcp ? 'tcp' : 'tls'
    const variants = [{ transport, family: document.families[0] ?? 'ipv4' }]
    const scenarios = [{ definition: { ...definition, variants }, file: 'record' }]
    const options = { scenarios, document, stages, startMs, selection: { slow: true }, confirms: false, signal }
    const { scenarios: told, notRun } = await runConformance(options)
    signal.throwIfAborted()
    const [result] = told
    if (result?.verdict === 'pass') return samples.subarray(0, 8000 * seconds)
    return result?.reason || result?.checks[0]?.actual || notRun[0]?.why || 'nothing was heard'
  } finally {
    stage.close()
  }
}

/**
 * Writes the reference, and the audio for people to listen to.
 * @returns the path of the reference
 * @throws NotRunError where the folder cannot be written to
 */
export function keepAnnouncement(
  folder: string,
  { service, label, samples }: { readonly service: string; readonly label: string; readonly samples: Int16Array },
): string {
  const name = `${service}.${label}`.replace(/[^A-Za-z0-9._-]+/g, '-')
  const reference = { service, label, print: Buffer.from(soundPrint(samples)).toString('base64') }
  const path = join(folder, `${name}.json`)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, `${JSON.stringify(reference, null, 2)}\n`)
    writeFileSync(join(folder, `${name}.wav`), waveOf(samples))
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    throw new NotRunError(`The announcement cannot be kept in ${folder}: ${why}.`)
  }
  return path
}

/** RIFF, PCM of 16 bits, 8 kHz. */
function waveOf(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + 2 * samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(16_000, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(2 * samples.length, 40)
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, 2 * samples.length)])
}
