// Packets that a wrong firewall rule drops, with iptables: needs root. Only addresses of this peer are concerned.
import { execFileSync, spawnSync } from 'node:child_process'

const OWN = ['-m', 'comment', '--comment', 'ringproof-defect']
const rule = (verb, { chain = 'INPUT', match }) => ['-w', '5', verb, chain, ...match, ...OWN, '-j', 'DROP']
const program = (match) => (match.some((part) => part.includes('::')) ? 'ip6tables' : 'iptables')

export const canFilter = () => spawnSync('iptables', ['-w', '5', '-n', '-L', 'INPUT'], { stdio: 'ignore' }).status === 0

export function dropPackets(drops) {
  for (const drop of drops) execFileSync(program(drop.match), rule('-I', drop), { stdio: 'pipe' })
}

/** Takes the rules away, also those that an earlier run left. */
export function letPacketsPass(drops) {
  for (const drop of drops) while (spawnSync(program(drop.match), rule('-D', drop), { stdio: 'ignore' }).status === 0);
}
