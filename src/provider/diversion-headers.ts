/** What a diverted call says of its way: Diversion (RFC 5806) and History-Info (RFC 7044). */

/** RFC 5806 §4: why a call was diverted. */
export type DiversionReason = 'unconditional' | 'user-busy' | 'no-answer' | 'unavailable' | 'deflection'

/** One diversion of a call. */
export interface DiversionStep {
  /** What was called before it: a number or user name. */
  readonly called: string
  readonly reason: DiversionReason
  /** Who diverts withholds their number. */
  readonly withheld: boolean
}

const ANONYMOUS = 'sip:anonymous@anonymous.invalid'

/**
 * Header fields of a request that was diverted.
 * @param steps first diversion first, at least one
 * @param to what is called at last: a number or user name
 * @param contact the Request-URI of the device there
 */
export function headersOfWay(
  steps: readonly DiversionStep[],
  to: string,
  contact: string,
  domain: string,
): [string, string][] {
  const uriOf = ({ called, withheld }: DiversionStep) => (withheld ? ANONYMOUS : `sip:${called}@${domain}`)
  // RFC 5806 §4: the latest diversion stands on top.
  const diversions = steps.toReversed().map((step): [string, string] => {
    const privacy = step.withheld ? 'full' : 'off'
    return ['Diversion', `<${uriOf(step)}>;reason=${step.reason};counter=1;privacy=${privacy}`]
  })
  // RFC 7044 §9.2, §10.3: who was called, who was called in their place, and the device of the last one.
  const targets = [...steps.map(uriOf), `sip:${to}@${domain}`]
  const indexOf = (nth: number) => (nth === 0 ? '1' : `1.${nth}`)
  // §10.4: of a 302 only the telephone knows how the target was found.
  const mapped = (nth: number) => (steps[nth - 1]?.reason === 'deflection' ? '' : `;mp=${indexOf(nth - 1)}`)
  const entries = targets.map((uri, nth) => `<${uri}>;index=${indexOf(nth)}${nth === 0 ? '' : mapped(nth)}`)
  const last = indexOf(steps.length)
  return [...diversions, ['History-Info', [...entries, `<${contact}>;index=${last}.1;rc=${last}`].join(', ')]]
}
