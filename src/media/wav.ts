/**
 * Sound files that everything plays: WAV (RIFF), linear samples of 16 bits, mono, 8,000 a second.
 *
 *    0        4          8        12       16         20               36       40
 *   +--------+----------+--------+--------+----------+----------------+--------+----------+---------
 *   | 'RIFF' | what     | 'WAVE' | 'fmt ' | 16       | PCM, 1, 8000,  | 'data' | bytes of | samples,
 *   |        | follows  |        |        |          | 16000, 2, 16   |        | samples  | little end first
 *   +--------+----------+--------+--------+----------+----------------+--------+----------+---------
 */
import { endianness } from 'node:os'

const HEADER_BYTES = 44
const PCM = 1
const BYTES_PER_SAMPLE = 2
/** The sampling rate of telephones. */
export const SAMPLES_PER_SECOND = 8_000

/** The bytes of a file. */
export function wavOf(samples: Int16Array): Buffer {
  const bytes = samples.length * BYTES_PER_SAMPLE
  const head = Buffer.alloc(HEADER_BYTES)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(HEADER_BYTES - 8 + bytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(PCM, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(SAMPLES_PER_SECOND, 24)
  head.writeUInt32LE(SAMPLES_PER_SECOND * BYTES_PER_SAMPLE, 28)
  head.writeUInt16LE(BYTES_PER_SAMPLE, 32)
  head.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(bytes, 40)
  const data = Buffer.from(samples.buffer, samples.byteOffset, bytes)
  return Buffer.concat([head, endianness() === 'LE' ? data : Buffer.from(data).swap16()])
}
