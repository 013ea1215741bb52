import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Projects by what they need: `unit` and `virtual` (all scenarios, with every planted fault) run in virtual time or none,
// `sockets` on this machine's loopback, `peers` starts real servers (SIPp, OpenSSL, Kamailio, …). In mode `record`, `virtual`
// writes the record of which scenario catches which fault anew; in mode `cards` it prints what a report says of faults.
const project = (
  name: string,
  include: string[],
  timeout: number,
  o: { isolate?: boolean; maxWorkers?: number } = {},
) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeout, hookTimeout: timeout, isolate: true, maxWorkers: 2, ...o },
})

/** These take a minute or two, and are begun first: what is short fills what is left of the time. */
const LONG = [
  'kills',
  'interrupted',
  'flooded',
  'load',
  'package',
  'runs',
  'merge',
  'calibrate',
  'other-servers',
  'kamailio-load',
  'linphone',
  'baresip',
  'node-versions',
  'matrix-',
]

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.split('/').at(-1)?.startsWith(name))
      return at < 0 ? LONG.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig(({ mode }) => ({
  resolve: { alias: { ringproof: at('./src/scenario/index.ts') } },
  test: {
    pool: 'threads',
    // As many as phones have lines.
    maxConcurrency: 6,
    sequence: { sequencer: LongFirst },
    projects: [
      // Modules are loaded once a worker, which halves the time: whatever a test changes outside of itself, it puts back.
      project('unit', ['test/unit/**/*.test.ts'], 20_000, { isolate: false }),
      project(
        'virtual',
        [`test/virtual/${['record', 'cards'].includes(mode) ? `*.${mode}` : '**/*.test'}.ts`],
        60_000,
        {
          isolate: false,
        },
      ),
      // Most of the time of these is spent waiting: three files at a time leave both cores idle for half of it.
      project('sockets', ['test/sockets/**/*.test.ts'], 90_000, { maxWorkers: 3 }),
      project('peers', ['test/peers/**/*.test.ts'], 240_000, { maxWorkers: 3 }),
    ],
  },
}))
