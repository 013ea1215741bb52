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

/** The server's certificate made anew: for so many days (-1: until yesterday), for another name, or signed by itself. */
function makeCertificate(folder, { days = 30, name, selfSigned = false }) {
  const at = (file) => join(folder, file)
  const extensions = readFileSync(at('server.ext'), 'utf8')
  if (name) writeFileSync(at('server.ext'), extensions.replace(/subjectAltName=.*/, `subjectAltName=DNS:${name}`))
  const signer = selfSigned
    ? ['-signkey', at('server-key.pem')]
    : ['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-CAcreateserial']
  const validity = ['-days', String(days), '-extfile', at('server.ext')]
  const args = ['x509', '-req', '-in', at('server.csr'), ...signer, ...validity, '-out', at('server.pem')]
  execFileSync('openssl', args, { stdio: 'pipe' })
}
