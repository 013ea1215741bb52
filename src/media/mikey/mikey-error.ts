/** Why a MIKEY message cannot be used. Never tells a key. */
export class MikeyError extends Error {
  /**
   * `malformed`: no message of MIKEY · `unsupported`: one with what is not spoken here · `authentication`: its MAC is not that of the
   * pre-shared key · `outdated`: its timestamp is not of this time · `replayed`: it was taken before · `mismatch`: no answer to the
   * message that was sent
   */
  readonly code: 'malformed' | 'unsupported' | 'authentication' | 'outdated' | 'replayed' | 'mismatch'

  constructor(code: MikeyError['code'], message: string, rule: string) {
    super(`${message} (${rule})`)
    this.name = 'MikeyError'
    this.code = code
  }
}
