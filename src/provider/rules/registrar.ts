/** What the registrar goes by: RFC 3261 §10.3, RFC 5626, RFC 5630. Faults change single values. */
export interface RegistrarRules {
  /** Step 2: unknown extensions in Require are refused. */
  readonly checksRequire: boolean
  /** Step 3: only who owns an address-of-record registers for it. */
  readonly ownersOnly: boolean
  /** Step 5: an address-of-record of another domain is not found. */
  readonly ownDomainOnly: boolean
  /** Step 5: escapes in an address-of-record mean the character. */
  readonly readsEscapes: boolean
  /** Step 6: `*` comes alone and with Expires 0. */
  readonly checksStar: boolean
  readonly starRemoves: boolean
  readonly queryRemoves: boolean
  /** Step 8: who asks without having a binding gets 200 too. */
  readonly answersEmptyQuery: boolean
  /** Step 7: an older request of the same Call-ID is not carried out. */
  readonly checksOrder: boolean
  /** Requests of other Call-IDs count in the same order. */
  readonly ordersAcrossCallIds: boolean
  /** Step 7: all contacts of a request are stored, or none. */
  readonly isAtomic: boolean
  /** Step 7; `removals as text`: a refresh never matches. */
  readonly comparesContacts: 'as URIs' | 'as text' | 'removals as text'
  /** The contact's own expires parameter counts before the header field. */
  readonly readsContactExpires: boolean
  /** An interval below the minimum gets 423. */
  readonly checksMinimum: boolean
  /** 423 tells the minimum. */
  readonly tellsMinimum: boolean
  /** Seconds that a binding is kept, of those that were granted. */
  readonly kept: (granted: number) => number
  /** Seconds that are told, of those that are left. */
  readonly told: (left: number) => number
  /** Step 8: the response lists all bindings … */
  readonly listsBindings: boolean
  /** … with their time … */
  readonly tellsTime: boolean
  /** … and preference (q). */
  readonly tellsPreference: boolean
  readonly keepsPreference: boolean
  readonly returnsRecordRoute: boolean
  /** A contact that leads back to the provider is refused. */
  readonly refusesOwnAddress: boolean
  /** RFC 5630 §5.2 */
  readonly refusesMixedSips: boolean
  /** RFC 5626: instance and flow number tell bindings apart where outbound is agreed on. */
  readonly knowsOutbound: boolean
  /** RFC 5626 §6: a flow number that is registered again means the new connection. */
  readonly followsFlows: boolean
  /** A refresh tells anew where a device is: address and port that it came from, or its connection. */
  readonly followsSource: boolean
  /** What a second device does with the credentials of the first, where it is not as the policy says (BH-10). */
  readonly sharedCredentials: 'fork' | 'refuse' | undefined
  /** A device that was displaced may register again. */
  readonly storesDisplaced: boolean
  /** A binding that displaces another has a time of its own; else it ends when the other one would have. */
  readonly displacingRenews: boolean
  /** Who unregisters removes the contacts that it names, and no others. */
  readonly removesNamedOnly: boolean
  /** Accounts that register from one address and port stand beside each other (BH-11). */
  readonly sharesAddresses: boolean
  /** After a restart it answers all who come back; else it is overloaded as long as somebody asks. */
  readonly recovers: boolean
  /** A refresh of a binding that is not known is a registration like another; else it gets 481. */
  readonly bindsAtRefresh: boolean
  /** The nth account cannot register; 0: each can. */
  readonly locksNth: number
}

export const RIGHT_REGISTRAR: RegistrarRules = {
  checksRequire: true,
  ownersOnly: true,
  ownDomainOnly: true,
  readsEscapes: true,
  checksStar: true,
  starRemoves: true,
  queryRemoves: false,
  answersEmptyQuery: true,
  checksOrder: true,
  ordersAcrossCallIds: false,
  isAtomic: true,
  comparesContacts: 'as URIs',
  readsContactExpires: true,
  checksMinimum: true,
  tellsMinimum: true,
  kept: (granted) => granted,
  told: (left) => left,
  listsBindings: true,
  tellsTime: true,
  tellsPreference: true,
  keepsPreference: true,
  returnsRecordRoute: false,
  refusesOwnAddress: true,
  refusesMixedSips: true,
  knowsOutbound: true,
  followsFlows: true,
  followsSource: true,
  sharedCredentials: undefined,
  storesDisplaced: true,
  displacingRenews: true,
  removesNamedOnly: true,
  sharesAddresses: true,
  recovers: true,
  bindsAtRefresh: true,
  locksNth: 0,
}
