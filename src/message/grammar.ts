/** Parameters of a header field or URI: lower-case names; `undefined` where a parameter has no value. */
export type Params = ReadonlyMap<string, string | undefined>
