/** What the tests with phones of others hear with, and what keeps those phones from outliving them. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bestShareOfTone, samplesOf, secondsOfTone, wavOfTone } from '../../peers/phones/tone.js'
import { tied, TiedProcess } from '../../peers/phones/tied-process.js'

const SECOND = 8_000
const tone = (hz: number, seconds: number) => samplesOf(wavOfTone(hz, seconds))
const silence = (seconds: number) => new Int16Array(seconds * SECOND)
const joined = (...parts: readonly Int16Array[]) => Int16Array.from(parts.flatMap((part) => [...part]))

describe('a tone that is listened for', () => {
  it('is there in the stretch that has most of it', () => {
    const heard = joined(silence(1), tone(440, 3), silence(1))
    expect([secondsOfTone(heard, 440), bestShareOfTone(heard, 440, 3)]).toEqual([3, 1])
    expect(bestShareOfTone(heard, 440, 4)).toBe(0.75)
  })

  it('is not there as long as there was less than such a stretch', () => {
    expect(bestShareOfTone(tone(440, 2), 440, 3)).toBe(0)
  })

  it('is not what stutters: every fifth packet of 20 ms is lost', () => {
    const heard = tone(440, 5).map((sample, at) => (at % 800 < 160 ? 0 : sample))
    expect(bestShareOfTone(heard, 440, 3)).toBeLessThan(0.9)
  })

  it('is not what is heard along with another one', () => {
    const [own, other] = [tone(440, 3), tone(1000, 3)]
    expect(
      bestShareOfTone(
        own.map((sample, at) => sample / 2 + (other[at] ?? 0) / 2),
        440,
        3,
      ),
    ).toBe(0)
  })

  it('is missing where a beep is', () => {
    const heard = joined(tone(440, 1), tone(1000, 1), tone(440, 1))
    expect(bestShareOfTone(heard, 440, 3)).toBeCloseTo(2 / 3, 5)
    expect(secondsOfTone(heard, 1000)).toBe(1)
  })
})

describe.skipIf(spawnSync('setpriv', ['--version']).error !== undefined)('a program of others', () => {
  it('says with which signal it ended', async () => {
    const program = new TiedProcess('sleep', ['60'])
    expect(program.ended).toBe(null)
    program.signals('SIGTERM')
    await program.ends()
    expect(program.ended).toBe('SIGTERM')
    await expect(program.until('anything', () => undefined)).rejects.toThrow('it ended with SIGTERM')
  })

  it('ends when the process that started it is killed', async () => {
    const script = `const child = require('node:child_process').spawn(...${JSON.stringify(tied('sleep', ['60']))})
      child.once('spawn', () => console.log(child.pid))`
    const starter = spawn(process.execPath, ['-e', script])
    const [text] = await once(starter.stdout, 'data')
    const file = `/proc/${Number(text)}/comm`
    const name = () => (existsSync(file) ? readFileSync(file, 'utf8').trim() : 'gone')
    await expect.poll(name, { timeout: 15_000 }).toBe('sleep')
    starter.kill('SIGKILL')
    await expect.poll(name, { timeout: 15_000 }).toBe('gone')
  })
})
