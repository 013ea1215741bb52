/** Parameters of a Digest challenge or of credentials. */
import { parseAuthValues } from '../message/auth-params.js'

/** Of the first value, names in lower case; undefined where there is none. Never throws. */
export function authParamsIn(value: string | undefined): ReadonlyMap<string, string> | undefined {
  return value === undefined ? undefined : parseAuthValues(value)[0]?.params
}
