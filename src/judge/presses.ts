/** Keys of the keypad, in whichever way they are sent: telephone-event (RFC 4733), INFO, or tones in the audio. */
import type { Call } from './calls.js'
import type { Leg } from './leg.js'
import type { SipSeen } from './sip-reader.js'
import type { Stream } from './streams.js'
import type { KeyPressed } from './tone-reader.js'
import { firstOf } from './transactions.js'

export type WayOfKeys = 'telephone-event' | 'INFO' | 'tones in the audio'

export type Press = Pick<KeyPressed, 'digit' | 'at' | 'frame'>

/** INFO that one side of a hop sent. @param sender its address */
export const infosOf = ({ inDialog }: Leg, sender: string): Press[] =>
  inDialog.flatMap((one) => {
    const { from, at, frame } = firstOf(one)
    const digit = one.method === 'INFO' ? digitIn(firstOf(one)) : undefined
    return digit === undefined || from.address !== sender ? [] : [{ digit, at, frame }]
  })

/** `Signal=5` of application/dtmf-relay, or the digit alone of application/dtmf, as telephones send it. */
function digitIn({ message }: SipSeen): string | undefined {
  if (!/^application\/dtmf(?:-relay)?\b/i.test(message.contentType?.trim() ?? '')) return undefined
  const [, digit] = /^\s*(?:Signal\s*=\s*)?([\dA-D*#])\s*(?:[\r\n]|$)/i.exec(message.body.toString('latin1')) ?? []
  return digit?.toUpperCase()
}

/** What streams of one side have of keys. */
export const pressesIn = (
  streams: readonly Stream[],
): Readonly<Record<Exclude<WayOfKeys, 'INFO'>, readonly Press[]>> => ({
  'telephone-event': inOrder(streams.flatMap(({ keys }) => keys)),
  'tones in the audio': inOrder(streams.flatMap(({ tones }) => tones)),
})

const inOrder = (presses: readonly Press[]): readonly Press[] => presses.toSorted((a, b) => a.at - b.at)

export const digitsOf = (presses: readonly Press[]): string => presses.map(({ digit }) => digit).join('')

/** All keys of a call, a phrase for each side and way. */
export function pressedIn({ legs }: Call, streams: readonly Stream[]): string[] {
  const senders = [...new Set(streams.map(({ from }) => from.address))]
  const sides = [...new Set(legs.flatMap(({ caller, callee }) => [caller.address, callee.address]))]
  const told = (way: WayOfKeys, sender: string, presses: readonly Press[]) =>
    presses.length === 0 ? [] : [`${digitsOf(presses)} from ${sender} as ${way}`]
  return [
    ...senders.flatMap((sender) => {
      const sent = pressesIn(streams.filter(({ from }) => from.address === sender))
      return (['telephone-event', 'tones in the audio'] as const).flatMap((way) => told(way, sender, sent[way]))
    }),
    ...sides.flatMap((sender) =>
      told('INFO', sender, [
        ...new Map(legs.flatMap((leg) => infosOf(leg, sender).map((one) => [one.frame, one]))).values(),
      ]),
    ),
  ]
}
