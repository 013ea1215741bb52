/** Reliable provisional responses (RFC 3262) on their way through the proxy: a matter of the two devices. */
import type { Headers } from '../message/headers.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ProxyRules } from './rules/proxy.js'

const TAG = '100rel'

/** An INVITE that begins a call, before it goes to the called device. */
export function askForReliability({ reliabilityAsked }: ProxyRules, { method, headers }: SipRequest): void {
  if (method !== 'INVITE' || reliabilityAsked === 'as the caller does') return
  const isSupported = lists(headers, 'Supported')
  if (reliabilityAsked === 'always' && !isSupported) headers.add('Supported', TAG)
  if (reliabilityAsked === 'required where supported' && isSupported && !lists(headers, 'Require'))
    headers.add('Require', TAG)
  if (reliabilityAsked === 'never required') remove(headers, 'Require')
}

/** Any response, before it goes back. */
export function passReliability({ keepsRSeq, keepsUnsupported }: ProxyRules, { status, headers }: SipResponse): void {
  if (!keepsRSeq && status > 100 && status < 200) {
    headers.remove('RSeq')
    remove(headers, 'Require')
  }
  if (!keepsUnsupported && status === 420) headers.remove('Unsupported')
}

function lists(headers: Headers, name: 'Supported' | 'Require'): boolean {
  return headers.values(name).some((tag) => tag.toLowerCase() === TAG)
}

function remove(headers: Headers, name: 'Require'): void {
  const others = headers.values(name).filter((tag) => tag.toLowerCase() !== TAG)
  headers.remove(name)
  if (others.length > 0) headers.set(name, others.join(', '))
}
