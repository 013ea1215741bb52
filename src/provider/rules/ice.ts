/** What relays go by where a device offers ICE: RFC 8445, RFC 8489 §9.1, RFC 8839. Faults change single values. */
export interface IceRules {
  /** RFC 8839 §4.3.2: only where it is offered. */
  readonly answersUnasked: boolean
  /** RFC 8839 §4.2.1.2: the candidate is where c= and m= lead to. */
  readonly candidateFits: boolean
  /** RFC 8839 §5.4: octets of ice-pwd, 22 at least. */
  readonly passwordLength: number
  /** RFC 8445 §7.3: connectivity checks are answered. */
  readonly answersChecks: boolean
  /** RFC 8489 §9.1.3: with the password of the description alone. */
  readonly checksCredentials: boolean
  /** RFC 8489 §9.1.3: answers are authenticated, too. */
  readonly signsAnswers: boolean
  /** RFC 8489 §6.3.1: answers tell where the check came from. */
  readonly tellsSource: boolean
  /** RFC 8445 §12.1: audio takes the path that was nominated. */
  readonly followsNomination: boolean
  /** RFC 8839 §4.2.5: what becomes of an offer whose candidates do not lead to where its c= and m= lines do. */
  readonly mismatch: 'goes on without ICE' | 'is told, with candidates' | 'waits for its candidates'
}

export const RIGHT_ICE: IceRules = {
  answersUnasked: false,
  candidateFits: true,
  passwordLength: 28,
  answersChecks: true,
  checksCredentials: true,
  signsAnswers: true,
  tellsSource: true,
  followsNomination: true,
  mismatch: 'goes on without ICE',
}
