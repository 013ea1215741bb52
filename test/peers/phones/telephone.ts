/** A telephone of somebody else's make, a process of its own, as its user sees it. */

/** How it is connected: what carries its signalling, and where the keys of its audio come from. */
export interface Line {
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly keys: 'none' | 'sdes' | 'dtls'
}

/** SDES on TLS alone: keys in SDP are as secret as the signalling, and the provider offers them there only. */
export const LINES: readonly Line[] = [
  { transport: 'udp', keys: 'none' },
  { transport: 'tcp', keys: 'none' },
  { transport: 'tls', keys: 'sdes' },
  { transport: 'udp', keys: 'dtls' },
  { transport: 'tcp', keys: 'dtls' },
  { transport: 'tls', keys: 'dtls' },
]

/** What its user types in. */
export interface Settings extends Line {
  readonly account: { readonly user: string; readonly password: string }
  readonly server: { readonly host: string; readonly port: number }
  /** File with the certificate to trust. */
  readonly authority: string
  /** Hz of the tone that it says. */
  readonly tone: number
  /** Does it subscribe to the light of its mailbox, where it can? */
  readonly light: boolean
}

/** Every promise waits until it is so, and throws with all that the program said where it does not come to it. */
export interface Telephone {
  readonly tone: number
  registers(): Promise<void>
  /** Dials, and waits for nothing. */
  dials(number: string): void
  /** Dials, and waits until the call is answered and audio flows. */
  calls(number: string): Promise<void>
  /** The call that it has dialled is answered; @throws where its keys are not from where this line has them */
  isAnswered(): Promise<void>
  /** @returns the status that it was turned down with */
  isRefused(number: string): Promise<number>
  /** Waits for a call from this number, or one of these. */
  rings(...from: string[]): Promise<void>
  answers(): Promise<void>
  /** Turns down the call that rings. */
  declines(): Promise<void>
  /** Hears this tone and nothing else for so many seconds in all, in the call that it is in. */
  hearsTone(hz: number, seconds?: number): Promise<void>
  /** In some stretch of the call that it is in, so many seconds long, it hears this tone and nothing else for more than this share. */
  hearsMostly(hz: number, o: { readonly share: number; readonly seconds: number }): Promise<void>
  /** How many seconds it heard a tone in the call that it is in, or was in last. */
  heardTone(hz: number): number
  /** Hears anything in the call that it is in: audio has found its way. */
  hearsSound(): Promise<void>
  presses(keys: string): Promise<void>
  /** The other side has pressed these keys. */
  isToldKeys(keys: string): Promise<void>
  /** Its lamp: messages that are new, and others. */
  lampShows(fresh: number, old: number): Promise<void>
  /** Sends the other side elsewhere; over when the other side has got there. */
  transfers(to: string): Promise<void>
  /** Puts the call on hold. Absent: it cannot be scripted. */
  holds?(): Promise<void>
  /** Connects the call on hold with the other one. */
  connects?(): Promise<void>
  hangsUp(): Promise<void>
  /** The other side has hung up. */
  isHungUp(): Promise<void>
  /** Unregisters and ends. Called again it does nothing. */
  ends(): Promise<void>
}
