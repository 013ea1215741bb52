// The table of what is tested: purpose → scenarios → sections → faults that prove them → verdicts on each target.

/** From the one that matters most: a purpose has the verdict of its worst scenario. */
const VERDICTS = ['error', 'fail', 'inconclusive', 'warn', 'known deviation', 'pass', 'not applicable', 'unsupported']
/** Purposes that are no scenario, with the reason. */
export const WITHOUT_SCENARIO = {
  SURVEY: 'the basic functions that every run begins with (`test/virtual/survey.test.ts`, `one-account.test.ts`)',
}
/** Scenarios that no planted fault proves, with the reason. */
export const WITHOUT_FAULT = {}
const MOST_FAULTS = 3

/**
 * @param {object} from
 * @param {readonly { title: string, purposes: Record<string, string> }[]} from.groups
 * @param {readonly { definition: object }[]} from.scenarios
 * @param {readonly { name: string, mayTurnRed: readonly string[] }[]} from.faults
 * @param {Record<string, string[]>} from.detection faults by the scenarios that catch them
 * @param {Record<string, string[]>} from.defects checks that found a defect planted into Kamailio, by defect
 * @param {readonly object[]} from.targets records of verdicts, see `recordOf`
 * @returns {{ text: string, gaps: string[] }}
 */
export function coverage({ groups, scenarios, faults, detection, defects, targets }) {
  // However they were loaded.
  const definitions = scenarios.map(({ definition }) => definition).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const proofs = proofsOf({ faults, detection, defects })
  const gaps = []
  const known = new Set(groups.flatMap(({ purposes }) => Object.keys(purposes)))
  for (const { id, purposes } of definitions) {
    for (const purpose of purposes) if (!known.has(purpose)) gaps.push(`${id}: ${purpose} is no purpose of the list`)
    if (proofs.of(id).length === 0 && !Object.hasOwn(WITHOUT_FAULT, id)) gaps.push(`${id}: no planted fault proves it`)
  }
  const sections = groups.map(({ title, purposes }) => {
    const rows = Object.entries(purposes).map(([purpose, words]) => {
      const about = definitions.filter((one) => one.purposes.includes(purpose))
      if (about.length === 0) gaps.push(`${purpose}: no scenario`)
      return [
        `**${purpose}**: ${words}`,
        about.map(({ id }) => `\`${id}\``).join('<br>'),
        sourcesOf(about),
        shortened(proofs.ofPurpose(purpose, about)),
        ...targets.map((target) => verdictOf(about, target)),
      ]
    })
    const columns = [
      'purpose',
      'scenarios',
      'sections',
      'faults that prove them',
      ...targets.map(({ target }) => target),
    ]
    return `## ${title}\n\n${table(columns, rows)}`
  })
  return { text: page(sections, { definitions, faults, defects, targets, known }), gaps }
}

/** What catches what: planted faults of the embedded provider, and defects planted into Kamailio (with the prefix `Kamailio:`). */
function proofsOf({ faults, detection, defects }) {
  const mayTurnRed = new Map(faults.map((fault) => [fault.name, fault.mayTurnRed]))
  const faultsOf = (id) => (detection[id] ?? []).filter((name) => mayTurnRed.has(name))
  const defectsOf = (id) =>
    Object.keys(defects).filter((name) => defects[name].some((check) => check.startsWith(`${id}#`)))
  return {
    of: (id) => [...faultsOf(id), ...defectsOf(id)],
    ofPurpose(purpose, about) {
      const own = about.flatMap(({ id }) => faultsOf(id).filter((name) => mayTurnRed.get(name).includes(purpose)))
      const all = own.length > 0 ? own : about.flatMap(({ id }) => faultsOf(id))
      return [
        ...unique(all).map((name) => `\`${name}\``),
        ...unique(about.flatMap(({ id }) => defectsOf(id))).map((name) => `Kamailio: \`${name}\``),
      ]
    },
  }
}

/** `RFC 3261 §10.2, §10.3; BH-10`: each document once. */
function sourcesOf(about) {
  const documents = new Map()
  for (const source of unique(about.flatMap(({ rules }) => Object.values(rules).map((rule) => rule.source)))) {
    const [, document, section] = /^(.*?)(?: (§.*))?$/.exec(source)
    documents.set(document, [...(documents.get(document) ?? []), ...(section ? [section] : [])])
  }
  return [...documents].map(([document, found]) => [document, found.join(', ')].filter(Boolean).join(' ')).join('; ')
}

function shortened(names) {
  const more = names.length - MOST_FAULTS
  return more > 1 ? `${names.slice(0, MOST_FAULTS).join(', ')} and ${more} more` : names.join(', ')
}

/** `pass`, or what its scenarios came to where they differ. */
function verdictOf(about, { verdicts }) {
  const found = about.map(({ id }) => verdicts[id] ?? 'not run')
  const kinds = unique(found)
  if (kinds.length <= 1) return kinds[0] ?? ''
  return kinds.map((kind) => `${found.filter((one) => one === kind).length} ${kind}`).join(', ')
}

function page(sections, { definitions, faults, defects, targets, known }) {
  const heads = targets.map(({ target, what, recorded }) => `| ${target} | ${what} | ${recorded} |`)
  const none = Object.entries({ ...WITHOUT_SCENARIO, ...WITHOUT_FAULT }).map(([name, why]) => `- ${name}: ${why}.`)
  return `# What is tested

Written by \`npm run coverage\`; a test fails where it is not up to date or has a gap. ${known.size} purposes, ${definitions.length} scenarios,
${faults.length} faults of the embedded provider and ${Object.keys(defects).length} mistakes planted into Kamailio and its relays.

- A purpose is one behaviour of the target. \`ringproof run --only REG-ADD\` runs what is about it.
- A fault proves a scenario where the scenario passes on the right provider and fails on the one with the fault (\`test/virtual/detection.json\`;
  \`npm run defects\` for Kamailio). At most ${MOST_FAULTS} are named.
- Verdicts are those of the last recorded run: \`npm run coverage -- --record REPORT/result.json\`. _Not offered_: the target has no such service or policy.

| target | what it is | recorded |
| --- | --- | --- |
${heads.join('\n')}

${sections.join('\n\n')}

## Not covered

${none.join('\n')}
`
}

function table(columns, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/**
 * What a run came to, as it is kept beside the target file. Scenarios that this run left out keep their earlier verdict.
 * @param {object} result result.json
 * @param {string} description of the target
 * @param {{ verdicts: Record<string, string> } | undefined} before
 */
export function recordOf({ target, scenarios, notRun, endedAt, clock }, description, before) {
  const found = {}
  for (const { id, verdict, reasonCode } of scenarios) {
    const told = verdict === 'warn' && reasonCode === 'known-deviation' ? 'known deviation' : verdict
    const worst = [found[id] ?? told, told].toSorted((a, b) => VERDICTS.indexOf(a) - VERDICTS.indexOf(b))[0]
    found[id] = worst
  }
  const NOT_RUN = {
    'target file': 'not offered',
    policy: 'not offered',
    accounts: 'not offered',
    blocked: 'blocked',
    unreachable: 'blocked',
  }
  for (const { id, kind } of notRun)
    if (!(id in found) && kind in NOT_RUN && id.includes('/')) found[id] = NOT_RUN[kind]
  const ran = Object.values(found).some((verdict) => VERDICTS.includes(verdict))
  const merged = { ...before?.verdicts }
  for (const [id, verdict] of Object.entries(found))
    if (ran && (VERDICTS.includes(verdict) || !VERDICTS.includes(merged[id]))) merged[id] = verdict
  return {
    target: target.name,
    what: description,
    // Simulated time is no date.
    recorded: (clock === 'virtual' ? new Date().toISOString() : endedAt).slice(0, 10),
    verdicts: Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

const unique = (list) => [...new Set(list)]
