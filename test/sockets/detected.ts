import type { FaultName } from '../../src/provider/embedded-provider.js'

/** Defects that show only on sockets: which checks of which scenario each of them breaks. */
export const detectedOnSockets: Readonly<Partial<Record<FaultName, Readonly<Record<string, readonly string[]>>>>> = {
  'certificate-of-another-name': { 'tls/certificate': ['name'] },
  'certificate-expired': { 'tls/certificate': ['dates', 'lasting'] },
  'old-tls-allowed': { 'tls/old-versions': ['no10', 'no11'] },
}
