import { describe, expect, test } from 'vitest'
import { parseAccessLine } from '../../../src/transport/access-line.js'

describe('conditions of an access line, as a user writes them', () => {
  test('hold for both directions, or for one', () => {
    expect(parseAccessLine('loss=1%,delay=40ms±15,reorder=0.5%,dup=0.002,burst=120ms')).toEqual({
      up: { loss: 0.01, delayMs: 25, jitterMs: 30, reorder: 0.005, duplicate: 0.002, burstMs: 120 },
      down: { loss: 0.01, delayMs: 25, jitterMs: 30, reorder: 0.005, duplicate: 0.002, burstMs: 120 },
    })
    expect(parseAccessLine('up.loss=1%, down.delay=1.5s')).toEqual({
      up: { loss: 0.01 },
      down: { delayMs: 1500, jitterMs: 0 },
    })
    expect(parseAccessLine('delay=40+-15').up).toEqual({ delayMs: 25, jitterMs: 30 })
  })

  test.each([
    ['', "'' is no condition; write for example loss=1% or delay=40ms±15"],
    ['los=1%', "There is no condition 'los'; did you mean 'loss'?"],
    ['loss=101%', "'101%' is no share: write 1%, or 0.01"],
    ['loss=1', "'1' is no share: write 1%, or 0.01"],
    ['delay=fast', "'fast' is no time: write 40ms"],
    ['delay=10ms±20', "'10ms±20' varies by more than the delay itself"],
    ['loss=1%,up.loss=2%', 'up.loss is given twice'],
    ['burst=100ms', 'burst needs a loss: add up.loss=1%, for example'],
  ])('%s', (text, sentence) => {
    expect(() => parseAccessLine(text)).toThrow(new RangeError(sentence))
  })
})
