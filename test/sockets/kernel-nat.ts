/** A router of the kernel's own: three network namespaces, in a row, the middle one translates. Made and removed by the tests. */
import { execFileSync } from 'node:child_process'

const PUBLIC = '203.0.113.1'
export const OUTSIDE = ['203.0.113.7', '203.0.113.8'] as const
export const INSIDE = '10.0.0.2'

export interface KernelNatOptions {
  /** Options of the rule that translates; none: ports are kept where they can be. */
  readonly masquerade?: readonly string[]
  /** Seconds: for a flow without more than a question and its answer, and for one that has been in use. */
  readonly udpTimeout: number
  readonly udpStreamTimeout: number
  readonly tcpTimeout?: number
  /** MTU of the line outside. */
  readonly mtu?: number
}

export interface KernelNat {
  /** Commands to begin with, to run something behind the router, or outside. */
  readonly inside: readonly string[]
  readonly outside: readonly string[]
  remove(): void
}

/** Why there can be none here; undefined: there can. */
export function whyNoKernelNat(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  const probe = `rp-nat-${process.pid}-probe`
  try {
    run('ip', ['netns', 'add', probe])
  } catch {
    return 'needs network namespaces (ip netns, package iproute2)'
  }
  try {
    run('ip', ['netns', 'exec', probe, 'iptables-nft', '-t', 'nat', '-A', 'POSTROUTING', '-j', 'MASQUERADE'])
    run('ip', ['netns', 'exec', probe, 'cat', '/proc/sys/net/netfilter/nf_conntrack_udp_timeout'])
    return undefined
  } catch {
    return 'needs nftables with masquerade and conntrack (package iptables)'
  } finally {
    run('ip', ['netns', 'delete', probe])
  }
}

/** @throws what the commands say, with all of it removed again */
export function makeKernelNat(name: string, o: KernelNatOptions): KernelNat {
  const [inside, router, outside] = ['in', 'nat', 'out'].map((part) => `rp-nat-${process.pid}-${name}-${part}`)
  const all = [inside, router, outside].map(String)
  const made: string[] = []
  const remove = () => {
    for (const one of made.splice(0)) run('ip', ['netns', 'delete', one])
  }
  const at = (space: string | undefined, ...args: string[]) => run('ip', ['-n', String(space), ...args])
  const set = (key: string, value: number) =>
    run('ip', ['netns', 'exec', String(router), 'sh', '-c', `echo ${value} > /proc/sys/net/${key}`])
  try {
    for (const one of all) {
      run('ip', ['netns', 'add', one])
      made.push(one)
      at(one, 'link', 'set', 'lo', 'up')
    }
    run('ip', [
      'link',
      'add',
      'phone',
      'netns',
      String(inside),
      'type',
      'veth',
      'peer',
      'name',
      'lan',
      'netns',
      String(router),
    ])
    run('ip', [
      'link',
      'add',
      'wan',
      'netns',
      String(router),
      'type',
      'veth',
      'peer',
      'name',
      'net',
      'netns',
      String(outside),
    ])
    at(inside, 'addr', 'add', `${INSIDE}/24`, 'dev', 'phone')
    at(router, 'addr', 'add', '10.0.0.1/24', 'dev', 'lan')
    at(router, 'addr', 'add', `${PUBLIC}/24`, 'dev', 'wan')
    for (const address of OUTSIDE) at(outside, 'addr', 'add', `${address}/24`, 'dev', 'net')
    if (o.mtu !== undefined) {
      at(router, 'link', 'set', 'wan', 'mtu', String(o.mtu))
      at(outside, 'link', 'set', 'net', 'mtu', String(o.mtu))
    }
    at(inside, 'link', 'set', 'phone', 'up')
    at(router, 'link', 'set', 'lan', 'up')
    at(router, 'link', 'set', 'wan', 'up')
    at(outside, 'link', 'set', 'net', 'up')
    at(inside, 'route', 'add', 'default', 'via', '10.0.0.1')
    set('ipv4/ip_forward', 1)
    const rule = ['-t', 'nat', '-A', 'POSTROUTING', '-o', 'wan', '-j', 'MASQUERADE', ...(o.masquerade ?? [])]
    run('ip', ['netns', 'exec', String(router), 'iptables-nft', ...rule])
    set('netfilter/nf_conntrack_udp_timeout', o.udpTimeout)
    set('netfilter/nf_conntrack_udp_timeout_stream', o.udpStreamTimeout)
    if (o.tcpTimeout !== undefined) {
      set('netfilter/nf_conntrack_tcp_timeout_established', o.tcpTimeout)
      // A connection that is forgotten is not taken up again in its middle, as most routers do it.
      set('netfilter/nf_conntrack_tcp_loose', 0)
    }
    const exec = (space: string | undefined) => ['ip', 'netns', 'exec', String(space)]
    return { inside: exec(inside), outside: exec(outside), remove }
  } catch (error) {
    remove()
    throw error
  }
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'pipe', timeout: 10_000 })
}
