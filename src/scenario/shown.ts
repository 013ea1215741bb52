/** Values as a reader of a check sees them. */

const SHOWN_CHARACTERS = 400

export function show(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  if (typeof value === 'string') return value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value
  if (Number.isNaN(value)) return 'not a number'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(1)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(show).join(', ')
  const text = canonical(value)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}

/** Items as a list, those that are alike once with how often they came. */
export function eachOnce(items: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return [...counts].map(([item, count]) => (count === 1 ? item : `${item} (${count} times)`)).join('; ')
}

/** A number of things; anything else as it is shown alone. */
export function showCount(value: unknown, counted: string | undefined): string {
  if (counted === undefined || typeof value !== 'number') return show(value)
  if (value === 0) return `no ${counted}`
  return value === 1 ? `one ${counted}` : `${show(value)} × ${counted}`
}

export function canonical(value: unknown): string {
  if (value instanceof Map) return canonical([...value].map(canonical).sort((a, b) => (a < b ? -1 : 1)))
  if (value instanceof Set) return canonical([...value].map(canonical).sort((a, b) => (a < b ? -1 : 1)))
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? String(value)
}
