/**
 * Which rows of a provider's description bind a target: EP-, BH- and SC-rows are one provider's, not everybody's. Some are owed
 * by any telephone service, some by whoever names the thing in the target file, the rest by who promises them.
 */

/** `EP-2`, `BH-10`, `SC-17`. */
export const ROW = /^(?:EP|BH|SC)-[1-9]\d*$/

/** What is read of a target. */
export interface Promising {
  readonly promises: 'all' | 'none' | readonly string[]
  readonly endpoints: { readonly tls?: unknown }
  readonly stun?: unknown
  readonly ntp?: unknown
  readonly published?: unknown
  readonly media: { readonly dtmfPayloadType?: number | undefined }
  readonly policy: { readonly sharedCredentials?: unknown }
}

/** Calls over UDP and TCP, audio, reachability behind NAT, several accounts on one device. */
const OWED: ReadonlySet<string> = new Set(['BH-1', 'BH-3', 'BH-4', 'BH-9', 'BH-11'])

/** What the target file names is there to be tested: addresses, families, numbers and codes. */
const NAMED: Readonly<Record<string, (target: Promising) => boolean>> = {
  'EP-2': ({ endpoints }) => endpoints.tls !== undefined,
  'EP-3': ({ published }) => published !== undefined,
  'EP-4': ({ published }) => published !== undefined,
  'EP-5': ({ published }) => published !== undefined,
  'EP-6': ({ stun }) => stun !== undefined,
  'EP-7': ({ ntp }) => ntp !== undefined,
  'EP-8': () => true,
  'EP-9': () => true,
  'EP-10': ({ media }) => media.dtmfPayloadType !== undefined,
  'BH-10': ({ policy }) => policy.sharedCredentials !== undefined,
  'BH-12': () => true,
  'BH-13': ({ published }) => published !== undefined,
}

/** Whether what a rule rests on binds the target. @param source a row, several after commas, or where else the rule stands */
export function isPromised(source: string, target: Promising): boolean {
  const { promises } = target
  if (promises === 'all') return true
  const rows = source.split(/,\s*/).filter((one) => ROW.test(one))
  if (rows.length === 0) return true
  return rows.some(
    // Scenarios of numbers and codes are run only where the file has the number or code.
    (row) => OWED.has(row) || row.startsWith('SC-') || NAMED[row]?.(target) === true || promises.includes(row),
  )
}
