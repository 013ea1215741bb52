/** What a release is made of: the workflow, and the list of what the package brings along. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

test('npm run sbom lists what ships, all of it, and nothing that only development needs', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/sbom.mjs'], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const { bomFormat, components, metadata } = JSON.parse(stdout)
  expect([bomFormat, metadata.component.name]).toEqual(['CycloneDX', 'ringproof'])
  const listed = new Map<string, string>(
    components.map(({ name, version }: { name: string; version: string }) => [name, version]),
  )
  const { dependencies, optionalDependencies, devDependencies } = read('package.json')
  for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
    expect(listed.get(name), name).toBe(version)
  for (const name of Object.keys(devDependencies)) expect(listed.has(name), name).toBe(false)
})

test('who may publish is one job, after the tests, and what it runs is there', () => {
  const { permissions, jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8'))
  expect(permissions).toEqual({ contents: 'read' })
  expect(jobs.publish).toMatchObject({ needs: 'test', permissions: { contents: 'read', 'id-token': 'write' } })
  expect(jobs.test.permissions).toBeUndefined()
  const { scripts } = read('package.json')
  const lines: string[] = jobs.publish.steps.flatMap(({ run }: { run?: string }) => run ?? [])
  for (const line of lines)
    for (const [, name = ''] of line.matchAll(/npm run --silent (\S+)/g)) expect(scripts).toHaveProperty(name)
  const order = ['npm ci', 'npm audit signatures', 'npm run --silent sbom', 'npm publish --provenance']
  const places = order.map((step) => lines.findIndex((line) => line.startsWith(step)))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})

test('the tag has to be the version', () => {
  const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8'))
  const { run } = jobs.publish.steps.find(({ name }: { name?: string }) => name === 'The tag is the version')
  const { version } = read('package.json')
  const ended = (tag: string) =>
    spawnSync('bash', ['-e', '-c', run], { env: { ...process.env, GITHUB_REF_NAME: tag } }).status
  expect([ended(`v${version}`), ended('v99.0.0'), ended(version)]).toEqual([0, 1, 1])
})
