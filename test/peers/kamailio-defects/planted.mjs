// How a defect gets into what peers/kamailio starts.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A text with edits made.
 * @param {string} text
 * @param {readonly (readonly [find: string, put: string, times?: number])[]} edits
 * @throws where what is to be replaced does not stand there exactly so often (once, where not said): it would plant nothing, or too much
 */
function edited(text, edits) {
  return edits.reduce((before, [find, put, times = 1]) => {
    const parts = before.split(find)
    if (parts.length - 1 !== times) throw new Error(`found ${parts.length - 1} times instead of ${times}: ${find}`)
    return parts.join(put)
  }, text)
}

/** What a defect changes: the certificate that was made, and programs with their configuration files before they are started. */
export function planted({ files = {}, args = {}, answers = {}, certificate }) {
  return {
    certificate: (folder) => certificate && makeCertificate(folder, certificate),
    programs: (programs, folder) =>
      programs.map((program) => {
        const { name } = program
        for (const [file, edits] of Object.entries(files[name] ?? {}))
          writeFileSync(join(folder, file), edited(readFileSync(join(folder, file), 'utf8'), edits))
        const changed = args[name]?.(program.args)
        if (changed && String(changed) === String(program.args)) throw new Error(`${name}: no argument was changed`)
        return { ...program, args: changed ?? program.args, answers: answers[name] ?? program.answers }
      }),
  }
}

const DAY_MS = 86_400_000
/** `20261130000000Z`, so many days from now. */
const inDays = (days) => `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 19).replace(/\D/g, '')}Z`

/** The server's certificate made anew: of another time (days from now), for another name, or signed by itself. */
function makeCertificate(folder, { from = 0, to = 30, name, selfSigned = false }) {
  const at = (file) => join(folder, file)
  const extensions = readFileSync(at('server.ext'), 'utf8')
  if (name) writeFileSync(at('server.ext'), extensions.replace(/subjectAltName=.*/, `subjectAltName=DNS:${name}`))
  const settings = ['database=ca.index', 'serial=ca.serial', 'new_certs_dir=.', 'default_md=sha256', 'policy=any']
  writeFileSync(
    at('ca-again.conf'),
    ['[ca]', 'default_ca=own', '[own]', ...settings, '[any]', 'commonName=supplied', ''].join('\n'),
  )
  writeFileSync(at('ca.index'), '')
  writeFileSync(at('ca.serial'), '7A\n')
  const signer = selfSigned
    ? ['-selfsign', '-keyfile', 'server-key.pem']
    : ['-cert', 'ca.pem', '-keyfile', 'ca-key.pem']
  const validity = ['-startdate', inDays(from), '-enddate', inDays(to), '-extfile', 'server.ext']
  const files = ['-config', 'ca-again.conf', '-in', 'server.csr', '-out', 'server.pem']
  execFileSync('openssl', ['ca', '-batch', '-notext', ...files, ...signer, ...validity], { cwd: folder, stdio: 'pipe' })
}
