/** `<action>`: regular expressions, log lines, audio. */
import { quoted, ref } from './quoting.js'
import { fromPosix } from './regular-expression.js'
import type { Command } from './scenario-file.js'
import type { Scene } from './scene.js'
import { shown } from './quoting.js'
import type { XmlElement } from './xml.js'

export function actsOn(scene: Scene, command: Command): void {
  for (const action of command.actions) {
    scene.draft.line = action.line
    const act = ACTIONS[action.name]
    if (act === undefined) scene.draft.todo(`<${shown(action.name, 40)}> is not taken over${whyNot(action.name)}.`)
    else act(scene, action)
  }
  scene.draft.line = command.line
}

/** Why nothing is made of an action. */
function whyNot(name: string): string {
  const [, why] = WHY_NOT.find(([names]) => names.includes(name)) ?? []
  return why === undefined ? '' : `: ${why}`
}

const WHY_NOT: readonly (readonly [readonly string[], string])[] = [
  [
    [
      'assign',
      'add',
      'subtract',
      'multiply',
      'divide',
      'todouble',
      'trim',
      'urlencode',
      'urldecode',
      'sample',
      'test',
      'strcmp',
    ],
    "SIPp's variables and its arithmetic; write it in TypeScript, with the constants of the story",
  ],
  [['gettimeofday'], 'now() is the time, ms since the story began'],
  [['jump', 'pauserestore'], 'it leads to a place that is reckoned while SIPp runs'],
  [['lookup', 'insert', 'replace', 'index'], 'rows of the injection file are read once, when it is imported: ROWS'],
  [['verifyauth'], 'who may log in is for the target to say'],
  [['closecon'], 'connections are opened and closed by the transport; see the scenarios of tcp/'],
  [['error'], 'it ends SIPp; a rule that does not hold ends the story'],
]

const ACTIONS: Readonly<Partial<Record<string, (scene: Scene, action: XmlElement) => void>>> = {
  ereg: looks,
  log: says,
  warning: says,
  exec: executes,
  assignstr: (scene, { attributes }) => assigns(scene, attributes.get('assign_to'), attributes.get('value')),
  setdest: ({ draft }) =>
    draft.todo('setdest: messages go where the target file, DNS and the dialog lead them, and nowhere else.'),
  rtp_echo: plays,
}

function looks(scene: Scene, { attributes }: XmlElement): void {
  const { draft, seen } = scene
  const expression = attributes.get('regexp') ?? ''
  const source = fromPosix(expression)
  const where = attributes.get('search_in') ?? 'msg'
  if (
    source === undefined ||
    !['msg', 'hdr', 'body'].includes(where) ||
    seen === undefined ||
    !['1', undefined].includes(attributes.get('occurrence'))
  ) {
    draft.todo(
      `the regular expression ${shown(expression, 80)} is not taken over: ${source === undefined ? 'JavaScript reads it otherwise' : 'what it looks at is not known here'}.`,
    )
    return
  }
  const message = /^\u0001\w+\u0002$/.test(seen) ? seen : draft.has('seen', seen, { pure: true })
  scene.seen = message
  const header = (attributes.get('header') ?? '').replace(/:\s*$/, '').trim()
  const flags = attributes.get('case_indep') === 'true' ? ", 'i'" : ''
  const place = where === 'hdr' ? `, ${quoted(header)}` : where === 'body' ? ", 'body'" : ''
  const found = draft.has(
    'match',
    `${ref('textOf')}(${message}${place}).match(new RegExp(${quoted(source)}${flags}))`,
    {
      pure: true,
    },
  )
  const variables = (attributes.get('assign_to') ?? '').split(',').map((name) => name.trim())
  for (const [index, name] of variables.entries()) if (name !== '') scene.variables.set(name, `${found}?.[${index}]`)
  // The other end is a device of ours: what its description says of itself is no matter of the target's.
  if (scene.usesOther && where !== 'hdr' && /^\^?\(?o=/.test(source)) {
    draft.note('o= is of the other end, which is a device of ringproof: what it holds is taken over, and is no rule.')
    return
  }
  const isInverse = attributes.get('check_it_inverse') === 'true'
  if (!isInverse && attributes.get('check_it') !== 'true') return
  const what = where === 'hdr' ? `${shown(header, 40)} of the answer` : where === 'body' ? 'the body' : 'the message'
  draft.checks(
    'matches',
    { paraphrase: `${what} ${isInverse ? 'does not match' : 'matches'} ${shown(expression, 120)}`, gravity: 'harm' },
    `${found}?.[0] ?? null`,
    isInverse ? '.toBeAbsent()' : '.toBePresent()',
  )
}

function says(scene: Scene, { attributes }: XmlElement): void {
  const message = attributes.get('message') ?? ''
  if (message !== '') scene.draft.does(`${ref('note')}(${scene.words(message)})`)
}

function assigns(scene: Scene, variable: string | undefined, value = ''): void {
  if (variable === undefined) return
  const code = scene.text(value, `variable ${variable}`)
  if (code !== undefined) scene.variables.set(variable, scene.draft.has('value', code, { pure: true }))
}

const DIGIT_FILE = /dtmf_2833_(\d|star|pound)\.pcap$/
const KEYS: Readonly<Record<string, string>> = { star: '*', pound: '#' }

function executes(scene: Scene, action: XmlElement): void {
  const { draft, call } = scene
  const { attributes } = action
  const digit = DIGIT_FILE.exec(attributes.get('play_pcap_audio') ?? '')?.[1]
  const digits =
    attributes.get('play_dtmf')?.replace(/[^\d*#A-D]/gi, '') ??
    (digit === undefined ? undefined : (KEYS[digit] ?? digit))
  if (digits !== undefined && digits !== '') {
    if (call?.stage === 'established') draft.does(`await ${call.code}.sendDigits(${quoted(digits.slice(0, 64))})`)
    else draft.todo('keys are pressed outside of a call.')
    return
  }
  if (['play_pcap_audio', 'rtp_stream', 'rtp_echo'].some((name) => attributes.has(name))) plays(scene)
  else if (attributes.has('play_pcap_video') || attributes.has('play_pcap_image'))
    draft.note('Video and images are not sent: ringproof speaks audio.')
  else if (attributes.has('command'))
    draft.todo('a command of the shell is not run. What it tells, let the story find out itself.')
  else if (attributes.get('int_cmd')?.startsWith('stop') === true) draft.does('return')
  else draft.todo('this exec is not taken over.')
}

/** Audio goes both ways by itself as long as a call is up; what the file could not do is to notice whether it is heard. */
function plays(scene: Scene): void {
  const { draft, call } = scene
  draft.note('Audio files are not played: every call of ringproof speaks, with a voice that the other end knows again.')
  if (call?.stage !== 'established' || !scene.usesOther || draft.rules.some(({ name }) => name === 'heard')) return
  const heard = draft.has('hearing', `await ${ref('connected')}(${scene.own}, ${scene.other}, ${ref('clock')})`)
  draft.checks(
    'heard',
    { paraphrase: 'both ends of the call hear each other', gravity: 'outage' },
    `${heard}.first && ${heard}.second`,
    ".toBeTrue('both hear each other')",
  )
}
