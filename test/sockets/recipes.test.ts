/** The recipes for CI servers: they parse, and their steps are carried out in a project beside this one, in the environment that the server gives. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const project = mkdtempSync(join(tmpdir(), 'ringproof-recipes-'))
const at = (name: string) => join(project, name)
const read = (name: string) => readFileSync(at(name), 'utf8')
afterAll(() => rmSync(project, { recursive: true }))

// As `npm ci` leaves it, which itself does nothing here.
mkdirSync(at('node_modules/.bin'), { recursive: true })
symlinkSync(resolve('bin/ringproof.mjs'), at('node_modules/.bin/ringproof'))
mkdirSync(at('bin'))
writeFileSync(at('bin/npm'), '#!/bin/sh\n', { mode: 0o755 })
writeFileSync(at('package.json'), '{ "private": true }')

const QUICK = '--clock virtual --only registrar/refresh-replaces --transport udp'

/** Carries out a script as the server does. */
function shell(
  script: string,
  env: Readonly<Record<string, string>>,
  program: readonly [string, ...string[]] = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c'],
): Promise<{ code: number | null; said: string }> {
  const [name, ...args] = program
  const path = `${at('bin')}:${process.env['PATH'] ?? ''}`
  const child = spawn(name, [...args, script], { cwd: project, env: { HOME: project, PATH: path, ...env } })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString()
    })
  }
  return new Promise((done) => child.once('close', (code) => done({ code, said })))
}

describe('action.yml', () => {
  const action = parse(readFileSync('action.yml', 'utf8'))
  const [step, upload] = action.runs.steps

  async function acted(inputs: Readonly<Record<string, string>>) {
    const given = (name: string) => inputs[name] ?? action.inputs[name].default
    const env: Record<string, string> = {
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: at('output'),
      GITHUB_STEP_SUMMARY: at('summary'),
      CI: 'true',
    }
    for (const [name, value] of Object.entries<string>(step.env)) {
      const [, input = ''] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value) ?? []
      env[name] = given(input)
    }
    for (const file of ['output', 'summary']) writeFileSync(at(file), '')
    return await shell(step.run, env)
  }

  test('takes nothing into its script but variables, and uploads in any case', () => {
    expect(step.run).not.toContain('${{')
    expect(upload.if).toMatch(/^always\(\)/)
    expect(Object.keys(action.outputs)).toEqual(['exit-code', 'verdict', 'report'])
  })

  test('a run that holds: outputs, summary, no annotation', async () => {
    const { code, said } = await acted({ args: QUICK })
    expect(code, said).toBe(0)
    expect(read('output')).toBe('exit-code=0\nverdict=pass\nreport=ringproof-report\n')
    expect(read('summary')).toMatch(/^## ringproof: embedded – pass/i)
    expect(said).not.toContain('::error')
    expect(existsSync(at('ringproof-report/junit.xml'))).toBe(true)
  })

  test('a run that fails: exit code, annotation, and with the baseline nothing is worse', async () => {
    const failing = `${QUICK} --fault refresh-adds-binding`
    const { code, said } = await acted({ args: failing, out: 'failed' })
    expect(code, said).toBe(1)
    expect(read('output')).toContain('exit-code=1\nverdict=fail\n')
    expect(said).toMatch(/^::error title=ringproof%3A \w+::.+%0Aexpected: /m)
    const again = await acted({ args: failing, baseline: 'failed' })
    expect(again.code, again.said).toBe(0)
    expect(again.said).not.toContain('::error')
    expect(read('output')).toContain('exit-code=0\nverdict=fail\n')
  })

  test('wrong usage is told by the exit code alone', async () => {
    const { code } = await acted({ target: 'no such file.yaml', out: 'none' })
    expect(code).toBe(2)
    expect(read('output')).toBe('exit-code=2\nverdict=\nreport=none\n')
  })
})

describe('deploy/ci/gitlab-ci.yml', () => {
  const recipe = parse(readFileSync('deploy/ci/gitlab-ci.yml', 'utf8'))
  const scriptOf = (job: string) => recipe[job].script.join('\n')
  const quick = (script: string) => script.replaceAll('--target "$RINGPROOF_TARGET"', QUICK)

  test('parts, then the joined report, and a note under the merge request', async () => {
    const part = quick(scriptOf('ringproof part')).replace('registrar/refresh-replaces', 'registrar')
    const total = String(recipe['ringproof part'].parallel)
    const each = Array.from({ length: Number(total) }, (_, index) => String(index + 1))
    const parts = await Promise.all(
      each.map((index) => shell(part, { CI_NODE_INDEX: index, CI_NODE_TOTAL: total, CI: 'true' })),
    )
    expect(parts.map(({ code }) => code)).toEqual(each.map(() => 0))
    const { said } = await shell(scriptOf('ringproof'), { CI: 'true' })
    expect(said).toContain('Report: ')
    expect(recipe.ringproof.artifacts.reports.junit).toBe('report/junit.xml')
    expect(read('report/junit.xml')).toContain('<testsuites')

    const notes: { url: string | undefined; token: unknown; body: string | null }[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (data: Buffer) => {
        text += data.toString()
      })
      request.on('end', () => {
        const body = new URLSearchParams(text).get('body')
        notes.push({ url: request.url, token: request.headers['private-token'], body })
        response.writeHead(201).end()
      })
    })
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const note = await shell(recipe.ringproof.after_script.join('\n'), {
      CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
      CI_PROJECT_ID: '7',
      CI_MERGE_REQUEST_IID: '12',
      RINGPROOF_NOTE_TOKEN: 'glpat-x',
    })
    server.close()
    expect(note, note.said).toEqual({ code: 0, said: '' })
    expect(notes).toEqual([
      { url: '/api/v4/projects/7/merge_requests/12/notes', token: 'glpat-x', body: read('report/summary.md') },
    ])
  })
})

describe('deploy/ci/Jenkinsfile', () => {
  const recipe = readFileSync('deploy/ci/Jenkinsfile', 'utf8')

  test('its steps run, and name the files that there are', async () => {
    const steps = [...recipe.matchAll(/(?:\bsh |script: )'([^']+)'/g)].map(([, step = '']) => step)
    expect(steps).toHaveLength(2)
    for (const step of steps) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as Jenkins does
      const { code, said } = await shell(step.replace('--target "$RINGPROOF_TARGET"', QUICK), { CI: 'true' }, [
        'sh',
        '-xe',
        '-c',
      ])
      expect(code, said).toBe(0)
    }
    const [, results = ''] = /testResults: '([^']+)'/.exec(recipe) ?? []
    expect(existsSync(at(results))).toBe(true)
  })

  test('its braces and quotes are balanced', () => {
    const code = recipe.replace(/\/\/.*$/gm, '').replace(/'[^'\n]*'|"[^"\n]*"/g, '')
    expect(code).not.toMatch(/['"]/)
    expect(code.match(/\{/g)).toHaveLength(code.match(/\}/g)?.length ?? 0)
  })
})

describe('scripts of the recipes', () => {
  const shellcheck = '/usr/bin/shellcheck'

  test.skipIf(!existsSync(shellcheck))('shellcheck finds nothing (apt-get install shellcheck)', () => {
    const action = parse(readFileSync('action.yml', 'utf8'))
    const gitlab = parse(readFileSync('deploy/ci/gitlab-ci.yml', 'utf8'))
    const scripts = [action.runs.steps[0].run, gitlab.ringproof.after_script.join('\n')]
    for (const script of scripts) {
      const { stdout } = spawnSync(shellcheck, ['--shell', 'bash', '-'], { input: script })
      expect(stdout.toString()).toBe('')
    }
  })
})
