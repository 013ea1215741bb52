/** E-model (ITU-T G.107): from loss and delay to R and MOS. Signatures first; bodies follow. */
export interface QualityInput {
  /** 0 to 1, packets lost or too late over packets expected. */
  readonly lossRatio: number
  /** Mouth to ear, one way. */
  readonly oneWayDelayMs: number
  readonly concealment?: boolean
  /** 1 = random losses. */
  readonly burstRatio?: number
}
export interface Quality {
  readonly r: number
  readonly mos: number
}
/** R and MOS of a G.711 stream. */
export function qualityOf(input: QualityInput): Quality {
  throw new Error(`not yet ${input.lossRatio}`)
}
/** MOS of what was received: undefined when nothing was (no packets is no quality, never 4.4). */
export function qualityOfReception(
  reception: { received: number; expected: number; lost: number; late: number } | undefined,
  oneWayDelayMs: number,
): Quality | undefined {
  throw new Error(`not yet ${reception?.received} ${oneWayDelayMs}`)
}
