/**
 * The E-model (ITU-T G.107, 06/2015): from delay and loss to the rating R and a mean opinion score.
 *
 *   R = Ro - Is - Id - Ie-eff + A
 *
 * Everything that a packet network cannot tell (loudness, noise, side tone, quantisation) stands at the default values
 * of G.107 §7.7, which alone give R = 93.2; only the mean one-way delay and the packet loss are measured.
 *
 * So the figure is an estimate of the line, not of the speech: it rates neither what is said nor how it was coded before,
 * takes G.711 at both ends for granted, and cannot be better than 4.41. Where no round trip was measured, the delay is that
 * of packet and jitter buffer alone. Losses are taken to come at random unless a burst ratio is given, and nobody measures
 * one here: for losses in bursts the figure is too good. The constants of G.711 are those that G.113 appendix I lists for
 * random loss; the annoyance of losses depends on the concealment of the telephone at hand, which may be neither of the two.
 */

export interface QualityInput {
  /** 0 to 1: packets lost, or too late to be played, over packets expected. */
  readonly lossRatio: number
  /** Mouth to ear, one way: network, jitter buffer, packetisation. */
  readonly oneWayDelayMs: number
  /** Whether the receiver conceals losses (G.711 appendix I); default true. */
  readonly concealment?: boolean
  /** Mean length of loss bursts over that of random losses; 1 (default) = random. */
  readonly burstRatio?: number
}

export interface Quality {
  /** Rating factor R, 0 to 93.2. */
  readonly r: number
  /** Conversational quality estimated, MOS-CQE, 1 to 4.41. */
  readonly mos: number
}

/**
 * Equipment impairment of G.711 and its robustness against random loss (G.113 appendix I): Ie = 0; Bpl = 25.1 with the
 * concealment of G.711 appendix I, 4.3 without any.
 */
const G711 = { ie: 0, bplConcealed: 25.1, bplBare: 4.3 }

/** Default parameters (G.107 §7.7); dB, dBm, ms as there. */
const DEFAULTS = {
  slr: 8,
  rlr: 2,
  stmr: 15,
  dr: 3,
  ds: 3,
  telr: 65,
  wepl: 110,
  qdu: 1,
  nc: -70,
  nfor: -64,
  ps: 35,
  pr: 35,
  a: 0,
}

/** R and MOS of a G.711 stream. Throws RangeError for a loss ratio outside 0 to 1 or a negative delay. */
export function qualityOf(input: QualityInput): Quality {
  const { lossRatio, oneWayDelayMs, concealment = true, burstRatio = 1 } = input
  if (!(lossRatio >= 0 && lossRatio <= 1)) throw new RangeError(`a loss ratio of ${lossRatio}`)
  if (!(oneWayDelayMs >= 0) || oneWayDelayMs === Infinity) throw new RangeError(`a delay of ${oneWayDelayMs} ms`)
  // G.107 §7.5: a burst ratio below 1 (spread more evenly than chance) is taken as chance.
  const bpl = concealment ? G711.bplConcealed : G711.bplBare
  const lossPercent = 100 * lossRatio
  const ieEff = G711.ie + ((95 - G711.ie) * lossPercent) / (lossPercent / Math.max(1, burstRatio) + bpl)
  const { ro, noise } = signalToNoise()
  const rating = ro - simultaneousImpairment(ro, noise, oneWayDelayMs) - delayImpairment(ro, noise, oneWayDelayMs)
  const r = Math.max(0, rating - ieEff + DEFAULTS.a)
  return { r, mos: mosOf(r) }
}

/**
 * Quality of what a receiver counted (`SourceTable.total()` or a source's snapshot): undefined when nothing came, because
 * no packets is no quality. `late` packets count as lost: nobody hears them.
 */
export function qualityOfReception(
  reception: { received: number; expected: number; lost: number; late: number } | undefined,
  oneWayDelayMs: number,
  o: { concealment?: boolean; burstRatio?: number } = {},
): Quality | undefined {
  if (!reception || reception.received === 0 || reception.expected === 0) return undefined
  const lossRatio = Math.min(1, (reception.lost + reception.late) / reception.expected)
  return qualityOf({ ...o, lossRatio, oneWayDelayMs })
}

/** G.107 annex B: MOS-CQE from R. */
export function mosOf(r: number): number {
  if (r <= 0) return 1
  if (r >= 100) return 4.5
  // Below R = 6.5 the cubic dips under the scale's end.
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
}

const power = (decibel: number) => 10 ** (decibel / 10)
const level = (ratio: number) => 10 * Math.log10(ratio)

/** Ro, the basic signal-to-noise ratio, and No, the sum of noises at the 0 dBr point (G.107 §7.2). */
function signalToNoise(): { ro: number; noise: number } {
  const { slr, rlr, stmr, dr, ds, nc, nfor, ps, pr } = DEFAULTS
  const sendNoise = ps - slr - ds - 100 + 0.004 * (ps - (slr + rlr) - ds - 14) ** 2
  const effective = pr + level(1 + power(10 - (stmr + dr)))
  const receiveNoise = rlr - 121 + effective + 0.008 * (effective - 35) ** 2
  const noise = level(power(nc) + power(sendNoise) + power(receiveNoise) + power(nfor + rlr))
  return { ro: 15 - 1.5 * (slr + noise), noise }
}

/** Is: too loud, unfit side tone, quantisation (G.107 §7.3). */
function simultaneousImpairment(ro: number, noise: number, delayMs: number): number {
  const { slr, rlr, stmr, telr, qdu } = DEFAULTS
  const xolr = slr + rlr + 0.2 * (64 + noise - rlr)
  const loud = 20 * ((1 + (xolr / 8) ** 8) ** (1 / 8) - xolr / 8)
  const tone = -level(power(-stmr) + Math.exp(-delayMs / 4) * power(-telr))
  const sideTone =
    12 * (1 + ((tone - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((tone + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((tone - 3) / 33) ** 13) ** (1 / 13) +
    29
  const q = 37 - 15 * Math.log10(qdu)
  const g = 1.07 + 0.258 * q + 0.0602 * q ** 2
  const y = (ro - 100) / 15 + 46 / 8.4 - g / 9
  const z = 46 / 30 - g / 40
  return loud + sideTone + 15 * Math.log10(1 + 10 ** y + 10 ** z)
}

/** Id: talker echo, listener echo, and delay itself above 100 ms (G.107 §7.4); T = Ta, Tr = 2 T. */
function delayImpairment(ro: number, noise: number, delayMs: number): number {
  const { rlr, telr, wepl } = DEFAULTS
  const terv = telr - 40 * Math.log10((1 + delayMs / 10) / (1 + delayMs / 150)) + 6 * Math.exp(-0.3 * delayMs ** 2)
  const roe = -1.5 * (noise - rlr)
  const re = 80 + 2.5 * (terv - 14)
  const talker = ((roe - re) / 2 + Math.sqrt((roe - re) ** 2 / 4 + 100) - 1) * (1 - Math.exp(-delayMs))
  const rle = 10.5 * (wepl + 7) * (2 * delayMs + 1) ** -0.25
  const listener = (ro - rle) / 2 + Math.sqrt((ro - rle) ** 2 / 4 + 169)
  return talker + listener + absoluteDelay(delayMs)
}

function absoluteDelay(delayMs: number): number {
  if (delayMs <= 100) return 0
  const x = Math.log2(delayMs / 100)
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
}
