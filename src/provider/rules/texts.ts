/** What text messages go by: RFC 3428. Faults change single values. */
export interface TextRules {
  /** They are passed on to the telephones of whom they are for, not answered in their place. */
  readonly passesOn: boolean
  /** §7: where no telephone is there, the sender is not told that the message has arrived. */
  readonly admitsAbsence: boolean
  /** RFC 3261 §16.6: the text arrives as it was written. */
  readonly keepsText: boolean
  /** §4: no Contact is put into what makes no dialog. */
  readonly makesNoDialog: boolean
  /** Who writes has to log in. */
  readonly asksForLogin: boolean
  /** From is held against the account that has logged in. */
  readonly checksFrom: boolean
}

export const RIGHT_TEXTS: TextRules = {
  passesOn: true,
  admitsAbsence: true,
  keepsText: true,
  makesNoDialog: true,
  asksForLogin: true,
  checksFrom: true,
}
