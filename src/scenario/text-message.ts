/** Text messages from one device of a story to another: RFC 3428. */
import type { Exchange, OutOfDialogOptions } from '../agent/exchange.js'
import { escapeUser } from '../message/uri.js'
import type { Device } from './device.js'
import { unsupported } from './outcome.js'

/** Answers of a target that carries no text messages. */
const NOT_CARRIED: Readonly<Record<number, string>> = {
  403: 'it does not allow them',
  404: 'it knows nobody to write to under a number that can be called',
  405: 'MESSAGE is not allowed there',
  415: 'it takes no plain text',
  501: 'it does not know MESSAGE',
}

/** A device writes to another one, log-in answered. Where the target carries no text messages the scenario is unsupported. */
export async function writesTo(
  writer: Device,
  reader: Device,
  text: string,
  options: OutOfDialogOptions = {},
): Promise<Exchange> {
  const exchange = await asksToWrite(writer, reader, text, options)
  const { status } = exchange.final ?? {}
  const why = status === undefined ? undefined : NOT_CARRIED[status]
  if (why !== undefined) unsupported(`the target carries no text messages: ${why} (${status})`)
  return exchange
}

/** The same, whatever is answered. */
export function asksToWrite(
  writer: Device,
  reader: Device,
  text: string,
  options: OutOfDialogOptions = {},
): Promise<Exchange> {
  const uri = `sip:${escapeUser(reader.number)}@${writer.domain}`
  return writer.sends('MESSAGE', uri, { body: text, contentType: 'text/plain;charset=UTF-8', ...options })
}
