/** Faults of keys that callers press and services tell: telephone-events, INFO, tones. */
import type { FaultEntries } from './fault.js'

export const keyFaults = {
  'dtmf-type-forced': {
    title: 'telephone-events are sent as payload type 101 whatever was agreed',
    mayTurnRed: ['EV-PT'],
    rules: { serviceMedia: { eventType: 101 } },
  },
  'menu-deaf-to-events': {
    title: 'services agree to telephone-events and do not hear them',
    mayTurnRed: ['EV-PT', 'EV-END', 'SC-3', 'EV-TS'],
    rules: { serviceMedia: { readsEvents: false } },
  },
  'dtmf-end-is-a-digit': {
    title: 'each end packet counts as a digit',
    mayTurnRed: ['EV-END', 'EV-PT', 'EV-REPEAT', 'SC-3', 'KEY-INFO'],
    rules: { serviceMedia: { countsEvents: false } },
  },
  'dtmf-repeat-swallowed': {
    title: 'the same digit twice in a row counts once',
    mayTurnRed: ['EV-REPEAT'],
    rules: { serviceMedia: { countsRepeats: false } },
  },
  'info-keys-ignored': {
    title: 'keys by INFO are answered 200 and not heard',
    mayTurnRed: ['KEY-INFO'],
    rules: { serviceMedia: { readsInfo: false } },
  },
  'info-keys-doubled': {
    title: 'a key that comes by INFO and as a telephone-event counts twice',
    mayTurnRed: ['KEY-INFO'],
    rules: { serviceMedia: { countsPressesOnce: false } },
  },
  'in-band-keys-unheard': {
    title: 'keys as tones in the audio are not heard',
    mayTurnRed: ['KEY-INBAND'],
    rules: { serviceMedia: { readsTones: false } },
  },
  'in-band-keys-doubled': {
    title: 'each tenth of a second of a key as tones in the audio counts as a key',
    mayTurnRed: ['KEY-INBAND'],
    rules: { serviceMedia: { countsTones: false } },
  },
  'event-timestamp-moves': {
    title: 'the timestamp moves within a telephone-event',
    mayTurnRed: ['EV-TS', 'EV-END', 'EV-REPEAT', 'EV-PT', 'SC-3', 'KEY-INFO'],
    rules: { serviceMedia: { keepsEventTimestamp: false } },
  },
  'event-ends-once': {
    title: 'the end of a telephone-event is sent once only',
    mayTurnRed: ['EV-END'],
    rules: { serviceMedia: { repeatsEventEnd: false } },
  },
  'telephone-events-not-agreed': {
    title: 'telephone-event is taken out of session descriptions',
    mayTurnRed: ['EP-10', 'EV-END', 'EV-TS', 'EV-PT', 'EV-REPEAT', 'SC-3'],
    rules: { serviceMedia: { takesEvents: false } },
  },
} satisfies FaultEntries
