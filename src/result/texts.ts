/** Small words for findings and sentences. */

/** The first sentence, without its full stop: it stands alone at the head of a finding. */
export function headline(text: string): string {
  const end = /[.!?](?=\s+\p{Lu})/u.exec(text)?.index ?? text.length
  return text.slice(0, end).replace(/\.$/, '')
}

/** The sentences of a text, each with its full stop: ended by one before a capital letter. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+(?=\p{Lu})/u)
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** `1 call`, `3 calls`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`

/**
 * Puts the run's figures where a text says `{name}` or `{name|otherwise}`. A figure that nobody measured, and that has no
 * other words, leaves nothing behind.
 */
export function withFigures(text: string, figures: Readonly<Record<string, string>> = {}): string {
  return text
    .replace(
      /\{(\w+)(?:\|([^{}]*))?\}/g,
      (_, name: string, otherwise: string | undefined) => figures[name] ?? otherwise ?? '',
    )
    .replace(/ {2,}/g, ' ')
}

/** Each once, in order. */
export const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)]

export const raised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
