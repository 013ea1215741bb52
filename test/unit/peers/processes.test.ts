/** Servers of others: what starts and ends them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const { Servers, stopAll } = await import(new URL('../../../peers/lib/processes.mjs', import.meta.url).href)

it('are not started where something answers in place of one', async ({ onTestFinished }) => {
  const parent = mkdtempSync(join(tmpdir(), 'ringproof-servers-'))
  const folder = join(parent, 'run')
  onTestFinished(async () => {
    await stopAll(folder)
    rmSync(parent, { recursive: true })
  })
  const program = (name: string, answers: boolean) => ({
    name,
    executable: 'sleep',
    args: ['60'],
    answers: () => Promise.resolve(answers),
  })
  const servers = new Servers(folder)
  await expect(servers.start([program('relay-1', false), program('relay-2', true)])).rejects.toThrow(
    /^relay-2: already in use: /,
  )
})
