/**
 * The manifests under `deploy/` against the schemas of Kubernetes and of the k6-operator, which come as Go modules: every field is
 * known there, of the right type, and none that is required is missing.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { loadTarget } from '../../src/target/target-file.js'

const KUBERNETES = 'k8s.io/kubernetes@v1.29.3'
/** The last that the module proxy has. Native sidecars came with 0.0.22: see below. */
const OPERATOR = 'github.com/grafana/k6-operator@v0.0.19'
const MANIFESTS = 'deploy/kubernetes'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-kubernetes-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The folder of a Go module, fetched where it is not there; undefined where that cannot be done here. */
function goModule(name: string): string | undefined {
  writeFileSync(join(folder, 'go.mod'), 'module schemas\n')
  try {
    const said = execFileSync('go', ['mod', 'download', '-json', name], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const { Dir }: { Dir?: string } = JSON.parse(said)
    return Dir
  } catch {
    return undefined
  }
}

const [kubernetes, operator] = [goModule(KUBERNETES), goModule(OPERATOR)]
const missing = kubernetes === undefined || operator === undefined
if (missing && process.env['CI']) throw new Error('Go, or the modules with the schemas, cannot be had')

interface Schema {
  readonly [keyword: string]: unknown
}
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a schema of OpenAPI means, as JSON Schema: references put in, and no field but those that it names. */
function closed(value: unknown, components: Schema): unknown {
  if (Array.isArray(value)) return value.map((one) => closed(one, components))
  if (!isSchema(value)) return value
  const { $ref, allOf } = value
  if (typeof $ref === 'string') return closed(components[$ref.replace('#/components/schemas/', '')], components)
  // A reference with a default beside it.
  if (Array.isArray(allOf) && allOf.length === 1) return closed(allOf[0], components)
  if (
    value['x-kubernetes-int-or-string'] === true ||
    value['format'] === 'int-or-string' ||
    value['oneOf'] !== undefined
  )
    return { anyOf: [{ type: 'integer' }, { type: 'number' }, { type: 'string' }] }
  if (value['x-kubernetes-preserve-unknown-fields'] === true) return {}
  const { type, properties, required, items, additionalProperties, enum: values } = value
  const fields = isSchema(properties)
    ? Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, closed(one, components)]))
    : undefined
  return {
    ...(type === undefined ? {} : { type }),
    ...(required === undefined ? {} : { required }),
    ...(values === undefined ? {} : { enum: values }),
    ...(items === undefined ? {} : { items: closed(items, components) }),
    ...(fields === undefined ? {} : { properties: fields, additionalProperties: false }),
    ...(isSchema(additionalProperties) ? { additionalProperties: closed(additionalProperties, components) } : {}),
  }
}

/** Schema of a kind of Kubernetes' own. */
function schemaOf(group: string, name: string): unknown {
  const file = join(kubernetes ?? '', 'api/openapi-spec/v3', `${group}_openapi.json`)
  const { components }: { components: { schemas: Schema } } = JSON.parse(readFileSync(file, 'utf8'))
  return closed(components.schemas[name], components.schemas)
}

/** Schema of the operator's TestRun, with the field that native sidecars need. */
function schemaOfTestRun(): unknown {
  const file = join(operator ?? '', 'config/crd/bases/k6.io_testruns.yaml')
  const { spec }: { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } } = parse(readFileSync(file, 'utf8'))
  const schema = JSON.stringify(closed(spec.versions[0]?.schema.openAPIV3Schema, {}))
  return JSON.parse(schema, (name, value: unknown) => {
    if (name !== 'initContainers' || !isSchema(value) || !isSchema(value['items'])) return value
    const { properties, ...items } = value['items']
    const known = isSchema(properties) ? properties : {}
    expect(known, 'this release has it: name it, and take this away').not.toHaveProperty('restartPolicy')
    return { ...value, items: { ...items, properties: { ...known, restartPolicy: { enum: ['Always'] } } } }
  })
}

interface Manifest {
  readonly kind: string
  readonly [field: string]: unknown
}
const documents = readdirSync(MANIFESTS)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) =>
    parseAllDocuments(readFileSync(join(MANIFESTS, name), 'utf8')).map((document): [string, Manifest] => {
      expect(document.errors, name).toEqual([])
      return [name, document.toJS()]
    }),
  )

const SCHEMAS: Readonly<Record<string, () => unknown>> = {
  ConfigMap: () => schemaOf('api__v1', 'io.k8s.api.core.v1.ConfigMap'),
  Secret: () => schemaOf('api__v1', 'io.k8s.api.core.v1.Secret'),
  PersistentVolumeClaim: () => schemaOf('api__v1', 'io.k8s.api.core.v1.PersistentVolumeClaim'),
  Job: () => schemaOf('apis__batch__v1', 'io.k8s.api.batch.v1.Job'),
  TestRun: schemaOfTestRun,
}

/** What a manifest has wrong, by its path. */
function faultsOf(manifest: Manifest): string[] {
  const schema = SCHEMAS[manifest.kind]?.()
  expect(schema, manifest.kind).toBeDefined()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of what Kubernetes says
  const { error } = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(manifest)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe.skipIf(missing)('manifests', () => {
  test.each(documents)('%s fits its schema', (_name, manifest) => {
    expect(faultsOf(manifest)).toEqual([])
  })
  test.each<[string, (manifest: Manifest) => unknown]>([
    ['a field that is none', (one) => ({ ...one, specification: {} })],
    [
      'a value of the wrong type',
      (one) => ({ ...one, spec: { ...(isSchema(one['spec']) ? one['spec'] : {}), parallelism: 'four' } }),
    ],
    ['one without its parallelism', (one) => ({ ...one, spec: { script: {} } })],
  ])('%s would be seen', (_what, spoil) => {
    const [, testRun] = documents.find(([, { kind }]) => kind === 'TestRun') ?? []
    if (testRun === undefined) throw new Error('there is no TestRun')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is spoiled on purpose
    expect(faultsOf(spoil(testRun) as Manifest)).not.toEqual([])
  })
})

describe('what the manifests say fits together', () => {
  const texts = readdirSync(MANIFESTS).map((name) => readFileSync(join(MANIFESTS, name), 'utf8'))
  const testRun = parse(readFileSync(join(MANIFESTS, 'testrun.yaml'), 'utf8'))
  test('the parts are as many everywhere', () => {
    const { parallelism, runner, initializer } = testRun.spec
    for (const { env } of [runner, initializer])
      expect(env.find(({ name }: { name: string }) => name === 'RINGPROOF_PARTS').value).toBe(String(parallelism))
    expect(runner.initContainers[0].args[0]).toContain(`--shard "\${JOB##*-}/${parallelism}"`)
  })
  test('secrets, target and reports are there by the names that are used', () => {
    const names = new Set(documents.map(([, { metadata }]) => (isSchema(metadata) ? metadata['name'] : undefined)))
    for (const text of texts) {
      for (const [, name] of text.matchAll(/(?:secretKeyRef: \{ name|configMap: \{ name|claimName): ([\w-]+)/g))
        expect(names.has(name), name).toBe(true)
    }
  })
  test('the target file in the ConfigMap is one', () => {
    const [, target] = documents.find(([name]) => name === 'target.yaml') ?? []
    const data = isSchema(target?.['data']) ? target['data'] : {}
    const file = join(folder, 'target.yaml')
    writeFileSync(file, String(data['target.yaml']))
    const { accounts, limits } = loadTarget(file, { RINGPROOF_PASSWORD: 'secret' })
    expect([accounts.length >= 2 * testRun.spec.parallelism, limits.concurrentCalls >= 800]).toEqual([true, true])
  })
  test('nobody is root, and one image has it all', () => {
    for (const text of texts.filter((one) => /kind: (?:TestRun|Job)/.test(one)))
      expect(text).toContain('runAsNonRoot: true')
    expect(new Set(texts.flatMap((text) => [...text.matchAll(/image: (\S+)/g)].map(([, image]) => image))).size).toBe(1)
    const containerFile = readFileSync('deploy/Dockerfile', 'utf8')
    expect(containerFile.split('\n').findLast((line) => line.startsWith('USER'))).toBe('USER 1000:1000')
    // The package, as it is released.
    expect(containerFile).toMatch(/npm pack && mkdir \/package && tar xzf \S+ --strip-components=1 -C \/package /)
    expect(containerFile).toContain('COPY --from=build /package /opt/ringproof\n')
    expect(existsSync(`k6/profiles/${/profiles\/(\S+)/.exec(testRun.spec.script.localFile)?.[1]}`)).toBe(true)
  })
})
