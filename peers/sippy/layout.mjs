// Where Sippy listens; everything else stands where peers/kamailio has it.
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const here = dirname(fileURLToPath(import.meta.url))
/** Python packages of requirements.txt; they stay from run to run. */
export const environment = resolve(here, '../../.cache/sippy-venv')
export const ipv4 = '127.1.0.73'
export const sipPort = 5074
