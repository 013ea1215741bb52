import { cruise, type ICruiseOptions } from 'dependency-cruiser'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface Configuration {
  readonly forbidden: NonNullable<ICruiseOptions['ruleSet']>['forbidden']
  readonly options: ICruiseOptions
}

const configuration: Configuration = createRequire(import.meta.url)('../../../.dependency-cruiser.cjs')

/** Rules that a small project of these files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  const baseDir = mkdtempSync(join(tmpdir(), 'ringproof-layers-'))
  try {
    for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      mkdirSync(dirname(join(baseDir, name)), { recursive: true })
      writeFileSync(join(baseDir, name), text)
    }
    const { tsConfig: _, ...options } = configuration.options
    const folders = [...new Set(Object.keys(files).map((name) => name.split('/')[0] ?? ''))]
    const { output } = await cruise(folders, {
      ...options,
      baseDir,
      validate: true,
      ruleSet: { forbidden: configuration.forbidden ?? [] },
    })
    if (typeof output === 'string') throw new Error(output)
    return [...new Set(output.summary.violations.map((violation) => violation.rule.name))].sort()
  } finally {
    rmSync(baseDir, { recursive: true })
  }
}

const importing = (path: string) => `import { a } from '${path}'\nexport const b = a\n`
const leaf = 'export const a = 1\n'

describe('the rules of the layers notice', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['nothing in a proper import', { 'src/agent/a.ts': importing('../message/a.js'), 'src/message/a.ts': leaf }, []],
    [
      'a layer that looks up',
      { 'src/message/a.ts': importing('../transport/a.js'), 'src/transport/a.ts': leaf },
      ['message-sdp-looks-up'],
    ],
    [
      'types that look up',
      {
        'src/clock/a.ts': "import type { T } from '../agent/a.js'\nexport type U = T\n",
        'src/agent/a.ts': 'export type T = 1\n',
      },
      ['clock-looks-up'],
    ],
    [
      'a runner that knows the provider',
      { 'src/runner/a.ts': importing('../provider/a.js'), 'src/provider/a.ts': leaf },
      ['provider-is-a-target'],
    ],
    [
      'nothing in a command line that does',
      { 'src/cli/a.ts': importing('../provider/a.js'), 'src/provider/a.ts': leaf },
      [],
    ],
    [
      'a report that reads more than results',
      { 'src/report/a.ts': importing('../evidence/a.js'), 'src/evidence/a.ts': leaf },
      ['report-reads-results-only'],
    ],
    [
      'a target file that knows the wire',
      { 'src/target/a.ts': importing('../transport/a.js'), 'src/transport/a.ts': leaf },
      ['target-stands-alone'],
    ],
    [
      'a core that reads files',
      { 'src/dialog/a.ts': "import { readFileSync as a } from 'node:fs'\nexport const b = a\n" },
      ['core-is-sans-io'],
    ],
    [
      'an agent that opens sockets',
      { 'src/agent/a.ts': "import { createSocket as a } from 'node:dgram'\nexport const b = a\n" },
      ['sockets-in-transport-only'],
    ],
    [
      'a scenario that reaches into the machinery',
      { 'scenarios/a.ts': importing('../src/message/a.js'), 'src/message/a.ts': leaf },
      ['scenarios-speak-the-language-only'],
    ],
    [
      'a circle',
      {
        'src/sdp/a.ts': importing('./c.js').replace('const b', 'const c'),
        'src/sdp/c.ts': "import { c } from './a.js'\nexport const a = () => c\n",
      },
      ['no-circle'],
    ],
    [
      'a circle of types',
      {
        'src/sdp/a.ts': "import type { C } from './c.js'\nexport type A = C | 1\n",
        'src/sdp/c.ts': "import type { A } from './a.js'\nexport interface C {\n  a: A\n}\n",
      },
      ['no-circle'],
    ],
    ['an import that leads nowhere', { 'src/sdp/a.ts': importing('./none.js') }, ['resolvable']],
  ])('%s', async (_, files, expected) => {
    expect(await broken(files)).toEqual(expected)
  })
})

test('the core uses of node:net only what tells addresses apart', () => {
  for (const layer of ['message', 'sdp', 'transaction', 'dialog']) {
    for (const name of readdirSync(join('src', layer)).filter((file) => file.endsWith('.ts'))) {
      const text = readFileSync(join('src', layer, name), 'utf8')
      const imported = /import \{([^}]*)\} from '(?:node:)?net'/.exec(text)?.[1] ?? ''
      const names = imported
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
      expect(
        names.filter((one) => !/^isIP(?:v[46])?$/.test(one)),
        `${layer}/${name}`,
      ).toEqual([])
    }
  }
})
