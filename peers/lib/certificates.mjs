// A private authority, and the server's certificate from it: made anew at each start, never used elsewhere.
import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Writes ca.pem, server.pem and server-key.pem into the folder, for the first name and the others. */
export async function makeCertificates(folder, names) {
  const at = (name) => join(folder, name)
  const openssl = (args) => run('openssl', args, { timeout: 20_000 })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  writeFileSync(
    at('ca.conf'),
    [
      '[req]\ndistinguished_name=name\nprompt=no\nx509_extensions=ext\n[name]\nCN=ringproof test authority',
      '[ext]\nbasicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
    ].join('\n'),
  )
  // RFC 5922 §7.1: the SIP domain stands in a subjectAltName, as URI or as DNS name.
  const alternatives = names.flatMap((name) => [`DNS:${name}`, `URI:sip:${name}`])
  writeFileSync(
    at('server.ext'),
    [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature',
      'extendedKeyUsage=serverAuth,clientAuth',
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=keyid',
      `subjectAltName=${alternatives.join(',')}`,
      '',
    ].join('\n'),
  )
  await Promise.all([
    openssl([
      'req',
      '-x509',
      ...key,
      '-days',
      '30',
      '-config',
      at('ca.conf'),
      '-keyout',
      at('ca-key.pem'),
      '-out',
      at('ca.pem'),
    ]),
    openssl(['req', ...key, '-subj', `/CN=${names[0]}`, '-keyout', at('server-key.pem'), '-out', at('server.csr')]),
  ])
  const authority = ['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-CAcreateserial']
  const extensions = ['-days', '30', '-extfile', at('server.ext')]
  await openssl(['x509', '-req', '-in', at('server.csr'), ...authority, ...extensions, '-out', at('server.pem')])
  for (const secret of ['ca-key.pem', 'server-key.pem']) chmodSync(at(secret), 0o600)
}
