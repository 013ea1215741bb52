/** Busy lamps: the package dialog of RFC 4235. Who may call somebody may watch whether they talk (§3.6). */
import { DIALOG_INFO, type DialogElement, formatDialogInfo, type Participant } from '../../message/dialog-info.js'
import type { ProviderContext } from '../context.js'
import type { EventPackage, ToTell } from './event-package.js'
import type { EventServer } from './event-server.js'
import type { LineBook, LineUse } from './line-book.js'

const NOBODY: Participant = { identities: [], target: undefined }
/** §4.1.6.1 */
const WITHHELD = { uri: 'sip:anonymous@anonymous.invalid', display: 'Anonymous' }

export class BusyLamps implements EventPackage {
  readonly name = 'dialog'
  readonly contentType = DIALOG_INFO
  /** §3.10 */
  readonly leastGapMs = 1000
  readonly #context: ProviderContext
  readonly #lines: LineBook

  constructor(context: ProviderContext, lines: LineBook, events: EventServer) {
    this.#context = context
    this.#lines = lines
    lines.onChange = (use) => {
      if (use.state !== 'early' || context.rules.events.lampsShowRinging) events.changed(this, use.account, use)
    }
  }

  mayWatch(): boolean {
    return true
  }

  // §3.7: all dialogs to who asks, and afterwards those that have changed.
  state({ watcher, watched, version, changes }: ToTell): string {
    const { names, rules } = this.#context
    const { countsLampDocuments, lampsBeginRight, lampsShowRinging } = rules.events
    const present = lampsBeginRight ? this.#lines.of(watched) : []
    const uses = (changes ?? present).filter(({ state }) => lampsShowRinging || !['trying', 'early'].includes(state))
    return formatDialogInfo({
      version: countsLampDocuments ? version : 0,
      extent: changes === undefined ? 'full' : 'partial',
      entity: `sip:${watched.user}@${names.domain}`,
      dialogs: uses.map((use) => this.#dialog(use, watcher === watched, version)),
    })
  }

  /** @param own to the owner of the line: with what is needed to take the call over (§3.6) */
  #dialog(use: LineUse, own: boolean, version: number): DialogElement {
    const { names, rules } = this.#context
    const shown = rules.events.lampsHideWithheld ? use.remote : use.remoteNumber
    const remote = shown === undefined ? WITHHELD : { uri: `sip:${shown}@${names.domain}`, display: undefined }
    const { account, direction, state } = use
    return {
      id: rules.events.keepsLampIds ? use.id : `${use.id}-${version}`,
      state,
      callId: own ? use.callId : undefined,
      localTag: undefined,
      remoteTag: undefined,
      direction,
      local: {
        ...NOBODY,
        identities: [{ uri: `sip:${account.user}@${names.domain}`, display: account.displayName }],
      },
      remote: { ...NOBODY, identities: [remote] },
    }
  }
}
