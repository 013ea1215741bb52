/** Faults about who is calling. */
import type { FaultEntries } from './fault.js'

export const identityFaults = {
  'any-from-accepted': {
    title: 'any From is passed on',
    mayTurnRed: ['ID-FROM', 'ID-OTHER', 'TEXT-ID'],
    rules: { identity: { checksFrom: false } },
  },
  'asserted-identity-passed': {
    title: "a customer's own P-Asserted-Identity is passed on",
    mayTurnRed: ['ID-PAI', 'ID-OTHER'],
    rules: { identity: { removesAsserted: false } },
  },
  'preferred-identity-passed': {
    title: 'P-Preferred-Identity is passed on',
    mayTurnRed: ['ID-PAI'],
    rules: { identity: { removesPreferred: false } },
  },
  'main-number-shown': {
    title: "every call is shown with the provider's first number",
    mayTurnRed: ['ID-FROM', 'BH-11', 'SECOND-CALL'],
    rules: { identity: { assertsOwnNumber: false } },
  },
  'stranger-bye-accepted': {
    title: 'a BYE may come from anywhere',
    mayTurnRed: ['DLG-STRANGER'],
    rules: { identity: { checksByeSender: false } },
  },
  'stranger-cancel-accepted': {
    title: 'a CANCEL may come from anywhere',
    mayTurnRed: ['DLG-STRANGER'],
    rules: { identity: { checksCancelSender: false } },
  },
  'privacy-ignored': {
    title: 'the number is asserted although privacy was asked for',
    mayTurnRed: ['UA-PRIV', 'SC-7', 'DIV-CALLER', 'REDIR', 'CODE-OWN'],
    rules: { identity: { honoursPrivacy: false } },
  },
  'preloaded-route-trusted': {
    title: 'a request with a Route needs no credentials',
    mayTurnRed: ['ID-FRAUD', 'DLG-STRANGER'],
    rules: { identity: { trustsRoute: true } },
  },
  'privacy-history': {
    title: 'who asked for privacy is named in History-Info',
    mayTurnRed: ['UA-PRIV', 'SC-7', 'DIV-CALLER', 'REDIR', 'CODE-OWN'],
    rules: { identity: { namesHidden: true } },
  },
  'route-with-to-tag-trusted': {
    title: 'a request with a Route and a To tag needs no credentials, wherever it goes',
    mayTurnRed: ['ID-FRAUD', 'DLG-STRANGER'],
    rules: { identity: { trustsBoth: true } },
  },
  'remote-party-passed': {
    title: "a customer's own Remote-Party-ID is passed on",
    mayTurnRed: ['ID-INVENTED'],
    rules: { identity: { removesRemoteParty: false } },
  },
  'diversion-passed': {
    title: "a customer's own Diversion and History-Info are passed on",
    mayTurnRed: ['ID-INVENTED'],
    rules: { identity: { removesDiversion: false } },
  },
  'clip-prefix-missing': {
    title: "the caller's number is shown without its prefix",
    mayTurnRed: ['CLIP'],
    rules: { identity: { numberForm: 'without prefix' } },
  },
  'clip-prefix-doubled': {
    title: "the caller's number is shown with the country code before the national prefix",
    mayTurnRed: ['CLIP'],
    rules: { identity: { numberForm: 'prefix doubled' } },
  },
  'clip-as-dialled': {
    title: "the caller's number is written as the called number was dialled",
    mayTurnRed: ['CLIP'],
    rules: { identity: { numberForm: 'as dialled' } },
  },
  'diverted-shows-diverter': {
    title: 'a diverted call shows the number of who diverts',
    mayTurnRed: ['DIV-CALLER', 'REDIR'],
    rules: { identity: { divertedShows: 'who diverts' } },
  },
  'privacy-lost-when-diverted': {
    title: 'the number is asserted anew where a call is diverted, though it is withheld',
    mayTurnRed: ['DIV-CALLER', 'REDIR'],
    rules: { identity: { divertedShows: 'the caller, withheld or not' } },
  },
  'diversion-names-caller': {
    title: 'Diversion and History-Info name the caller in place of who diverts',
    mayTurnRed: ['DIV-CALLER', 'REDIR'],
    rules: { identity: { namesCallerAsDiverter: true } },
  },
  'to-tag-trusted': {
    title: 'a request with a To tag needs no credentials',
    mayTurnRed: ['ID-FRAUD', 'DLG-STRANGER'],
    rules: { identity: { trustsToTag: true } },
  },
} satisfies FaultEntries
