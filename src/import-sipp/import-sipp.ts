/** A scenario of SIPp becomes one of ringproof, with what is to be said of it. */
import { Draft, type Note } from './draft.js'
import { oldDescription } from './header-fields.js'
import { isSecret } from './injection.js'
import { foldLogIns } from './log-ins.js'
import { neverChecked, neverCheckedText } from './never-checked.js'
import { quoted, shown } from './quoting.js'
import { type Command, readScenario, type SippScenario } from './scenario-file.js'
import { type ImportOptions, Scene } from './scene.js'
import { SippFileError } from './sipp-file-error.js'
import { tell } from './story.js'
import { write } from './write.js'

export type { ImportOptions } from './scene.js'

export interface Imported {
  /** TypeScript. */
  readonly text: string
  /** Id of the scenario, or what the ids of its rows begin with. */
  readonly id: string
  readonly neverChecked: readonly string[]
  readonly notes: readonly Note[]
  /** Is anything left to do by hand? */
  readonly todos: number
}

/** @throws SippFileError */
export function importSipp(xml: string, options: ImportOptions): Imported {
  const old = readScenario(xml, options.file)
  const { commands, logIns } = foldLogIns(old.commands)
  const draft = new Draft()
  const scene = new Scene(draft, options, commands, logIns)
  draft.note(
    'Via, branch, tags, CSeq, Call-ID, Contact, Max-Forwards and Content-Length are written by ringproof for each request anew.',
    0,
  )
  tell(scene, old)
  if (draft.rules.length === 0) throw new SippFileError(options.file, whyWithoutRule(commands))
  const id = `sipp/${slug(options.file)}`
  const list = neverChecked(old.commands).map(neverCheckedText)
  const text = write(draft, {
    id,
    title: titleOf(old, options.file),
    file: shown(baseName(options.file), 100),
    area:
      commands.some((one) => one.kind === 'send' && one.message.method === 'REGISTER') && scene.call === undefined
        ? 'registrar'
        : 'dialog',
    own: scene.ownName,
    other: scene.usesOther ? scene.otherName : undefined,
    deviceOptions: deviceOptions(scene, old),
    harm:
      scene.call === undefined
        ? 'Telephones cannot log in, or get no answer.'
        : 'Calls do not come about, or cannot be ended.',
    advice: 'Compare the messages in the report with those that the old file waited for.',
    neverChecked: list,
    rows: rowsOf(scene),
  })
  return {
    text,
    id,
    neverChecked: list,
    notes: [...draft.notes].sort((a, b) => a.line - b.line),
    todos: (text.match(/\/\/ TODO line/g) ?? []).length,
  }
}

function whyWithoutRule(commands: readonly Command[]): string {
  const takesAll = commands.some((one) => one.kind === 'recv' && one.attributes.get('regexp_match') === 'true')
  return takesAll
    ? 'it answers whatever comes. A telephone of ringproof does that by itself in every scenario, so that there is nothing to take over; name the request that is to arrive, <recv request="OPTIONS"/>.'
    : 'nothing is waited for in it that could be a rule, so that the scenario could not fail. Add a <recv response="200"/> to it.'
}

const baseName = (file: string): string => file.split(/[/\\]/).at(-1) ?? file
const slug = (file: string): string =>
  baseName(file)
    .replace(/\.xml$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'scenario'
const titleOf = ({ name }: SippScenario, file: string): string =>
  `As SIPp's ${shown(name, 80) || shown(baseName(file), 80)}`

/** What the file's session descriptions say of its telephone. */
function deviceOptions(scene: Scene, { commands }: SippScenario): string[] {
  const { draft } = scene
  const described = commands.flatMap((one) => (one.kind === 'send' ? (oldDescription(one.message.body) ?? []) : []))
  const [first] = described
  if (first === undefined) return []
  draft.note(
    "Session descriptions are ringproof's own; the codecs of the old file and its a= lines of its own are kept.",
    0,
  )
  const foreign = [...new Set(described.flatMap((one) => one.foreign))]
  if (foreign.length > 0)
    draft.note(`${shown(foreign.join(', '), 80)}: ringproof does not speak that, and does not offer it.`, 0)
  const media = [...new Set(described.flatMap((one) => one.otherMedia))]
  if (media.length > 0) draft.note(`m=${shown(media.join(', m='), 80)}: audio alone is offered.`, 0)
  const codecs = [...new Set(described.flatMap((one) => one.codecs))]
  return [
    ...(codecs.length === 0 ? [] : [`codecs: [${codecs.map(quoted).join(', ')}]`]),
    ...(described.some((one) => one.encrypted) ? ['srtp: true'] : []),
    ...(described.some((one) => one.events) || usesKeys(draft) ? [] : ['dtmfPayloadType: false']),
  ]
}

const usesKeys = ({ lines }: Draft): boolean =>
  lines.some((line) => line.kind === 'code' && line.code.includes('.sendDigits('))

/** The columns that the story uses; others, and secrets, stay where they are. */
function rowsOf({ options: { rows }, fields, draft }: Scene): string[] | undefined {
  if (rows === undefined) return undefined
  if (fields.size === 0) {
    draft.note('The file uses no field of the injection file that means anything here: one scenario is made.', 0)
    return undefined
  }
  draft.note('Each row of the injection file is a scenario of its own. Passwords in it are not copied.', 0)
  const width = Math.max(...fields) + 1
  return rows.map((row) => {
    const cells = Array.from({ length: width }, (_, index) => (fields.has(index) ? (row[index] ?? '') : ''))
    return `[${cells.map((cell) => quoted(isSecret(cell) ? '' : cell)).join(', ')}]`
  })
}
