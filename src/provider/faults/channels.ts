/** Faults of the proxy where an account may have so many calls at a time. */
import type { FaultEntries } from './fault.js'

export const channelFaults = {
  'channel-kept-after-bye': {
    title: 'a call that was hung up still counts towards the calls that its account may have at a time',
    mayTurnRed: ['PRX-CHANNELS', 'DEAD-CALL'],
    rules: { proxy: { channelKeptAfter: 'BYE' } },
  },
  'channel-kept-until-bye-answered': {
    title: 'a call that was hung up counts until the other side has answered the BYE: for ever, where that is dead',
    mayTurnRed: ['PRX-CHANNELS', 'DEAD-CALL'],
    rules: { proxy: { countsUntilAnswer: true } },
  },
  'channel-kept-after-cancel': {
    title: 'a call that was given up still counts towards the calls that its account may have at a time',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { channelKeptAfter: 'CANCEL' } },
  },
  'channel-kept-after-refusal': {
    title: 'a call that the called device refused still counts towards the calls that its account may have at a time',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { channelKeptAfter: 'a refusal' } },
  },
  'channels-of-all': {
    title: 'calls of other accounts count towards the calls that an account may have at a time',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { countsCalls: 'of all accounts' } },
  },
  'full-account-stops-others': {
    title: 'while an account has as many calls as it may have, nobody can call',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { fullStopsOthers: true } },
  },
  'call-beyond-limit-ends-first': {
    title: 'a call beyond the limit of an account is refused, and one that is on ends',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { beyondLimit: 'is refused, and a call that is on ends' } },
  },
  'call-limit-not-kept': {
    title: 'an account may make any number of calls at a time, whatever its limit is',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { beyondLimit: 'is put through' } },
  },
  'call-limit-as-500': {
    title: 'a call beyond the limit of an account is refused with 500',
    mayTurnRed: ['PRX-CHANNELS'],
    rules: { proxy: { limitStatus: 500 } },
  },
} satisfies FaultEntries
