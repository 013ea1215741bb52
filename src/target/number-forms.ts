/** The forms in which one telephone number is dialled. */

/**
 * National, with + and with 00: `0211…`, `+49211…`, `0049211…`. Where the number is of no such form, such as an internal one,
 * just itself.
 * @param countryCode without + and zeros, such as 49
 */
export function formsOf(number: string, countryCode: string): readonly string[] {
  const [, significant] = new RegExp(`^(?:\\+${countryCode}|00${countryCode}|0(?!0))(\\d+)$`).exec(number) ?? []
  if (significant === undefined || significant.startsWith('0')) return [number]
  return [`0${significant}`, `+${countryCode}${significant}`, `00${countryCode}${significant}`]
}
