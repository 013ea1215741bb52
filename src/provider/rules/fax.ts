/** What the proxy goes by with faxes: re-INVITEs that change audio to T.38 (RFC 3264 §8.3.3). Faults change single values. */
export interface FaxRules {
  /** A change of a call to fax is for the other end to answer. */
  readonly changesToFax: 'forwarded' | 'refused as of no call'
  /** RFC 3261 §14.1: a call outlives a change that is refused. */
  readonly refusedFaxEndsCall: boolean
  /** The addresses of an image stream are those of the relay, as those of audio are. */
  readonly relaysFax: boolean
  /** RFC 3264 §6.1: the media type of the answer is that of the offer. */
  readonly answersFaxAsFax: boolean
}

export const RIGHT_FAX: FaxRules = {
  changesToFax: 'forwarded',
  refusedFaxEndsCall: false,
  relaysFax: true,
  answersFaxAsFax: true,
}
