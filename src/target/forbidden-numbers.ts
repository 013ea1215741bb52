/**
 * Numbers that ringproof never dials, whatever a target file or a scenario says: emergency and help lines, where a
 * test call takes the line from somebody who needs it, and numbers that cost extra.
 *
 * The lists are deliberately generous: they stand beside an allow list, so a number too many costs nothing but a
 * clear refusal.
 */

/** Emergency and help numbers of many countries, as they are dialled there. */
export const emergencyNumbers: ReadonlySet<string> = new Set(
  [
    // GSM and ITU-T E.161.1 worldwide, Europe, Germany's police, North America, Great Britain, Australia.
    '112 110 911 999 000 08',
    // France, Belgium, Italy, Switzerland, Austria, Spain, Greece, Netherlands, Norway, Czechia, Hungary, Poland.
    '15 17 18 100 101 113 114 115 116 117 118 119 144 122 133 140 141 142 143 145 147 1414 061 062 080 085 088 091 092',
    '166 199 150 155 156 158 104 105 107 997 998 986 196',
    // Asia, Oceania, Africa, the Americas.
    '119 120 102 103 108 111 106 123 180 190 191 192 193 194 195 131 132 066 060 065 068 992 993 995 996 994 990 1122',
    '1669 10111 10177',
    // Harmonised European help lines; blocking of bank cards; ambulance transport in Germany; crisis lines of the US.
    '116000 116006 116111 116116 116117 116123 19222 988 211 311 411 511',
  ]
    .join(' ')
    .split(' '),
)

/** Those that no extension has: everybody's first guess in distress, and of mobile networks everywhere. */
const everywhere: ReadonlySet<string> = new Set(['112', '110', '911', '999', '000', '08'])

/** Emergency numbers of some countries alone: small telephone systems elsewhere have extensions from 100 or 10 on. */
const isNational = (number: string): boolean =>
  /^\d{2,4}$/.test(number) && emergencyNumbers.has(number) && !everywhere.has(number)

// With an area code or country code before them, numbers still reach emergency services where these are used.
const core = '(?:110|112|911|999)'
const threeDigits = [...emergencyNumbers].filter((number) => number.length >= 3).join('|')
const international = String.raw`(?:\+|00|011|0011)`

/** Behind digits for the outside line, or as if the number were a country code. */
const behindOutsideLine = new RegExp(`^\\+?[09]{0,4}(?:${threeDigits})$`)

const emergencyForms: readonly RegExp[] = [
  new RegExp(`^\\+?[09]{0,4}(?:${core}|000)$`),
  new RegExp(`^\\+(?:${threeDigits})$`),
  // Behind a country code, with or without the trunk zero.
  new RegExp(`^${international}[1-9]\\d{0,2}0?(?:${threeDigits})$`),
  new RegExp(`^(?:1|41|43|44|49)0?${core}$`),
  // Behind a German area code, also with the country code; an area code has at most five digits after its zero.
  /^0[1-9]\d{1,4}(?:110|112|19222)$/,
  new RegExp(String.raw`^(?:${international}49|49)0?[1-9]\d{1,4}(?:110|112|19222)$`),
  // Behind a two-digit code for hiding the caller.
  new RegExp(String.raw`^[*#]\d{2}${core}$`),
]

/**
 * Prefixes that mean something at some switches only: a digit for the outside line, a number that hides the caller or chooses a
 * carrier. A number of that form may just as well be somebody's extension, as 9196, the echo test of FreeSWITCH's examples.
 */
const ambiguousEmergencyForms: readonly RegExp[] = [
  behindOutsideLine,
  new RegExp(`^[1-8][09]{0,2}(?:${threeDigits})$`),
  new RegExp(`^[1-8]${international}[1-9]\\d{0,2}0?${core}$`),
  new RegExp(`^(?:141|1470|133|1831|1832|0197|1167|1182)0?${core}$`),
]

const premiumByCountry: Readonly<Record<string, string>> = {
  1: '(?:900|\\d{3}976)',
  31: '0?(?:90[069]|18\\d\\d)',
  32: '0?90',
  33: '0?8[129]',
  34: '(?:80[367]|90[57])',
  36: '0?90',
  39: '(?:89[259]|166|144|199)',
  41: '0?(?:90[016]|84|18\\d\\d)',
  43: '0?(?:90[01]|93[019]|8[12][0-8]|118)',
  44: '0?(?:9|87|84|70|118)',
  45: '90',
  46: '0?(?:900|939|944)',
  47: '(?:82|18\\d\\d)',
  48: '0?70',
  49: '0?(?:900|137|138|190|180|118|12)',
  61: '190',
  351: '76',
  352: '90',
  353: '0?15',
  358: '0?(?:600|700)',
  420: '90',
  // Satellites, networks of no country, and the international premium service.
  870: '',
  878: '',
  881: '',
  882: '',
  883: '',
  979: '',
}

const premiumForms: readonly RegExp[] = [
  // Germany, as dialled there: premium, mass calling, the old premium range, shared cost, directory, innovative services.
  /^[09]?0900\d{2,}/,
  /^0?013[78]\d{2,}/,
  /^01(?:90|80|2\d)\d{2,}/,
  /^0?118\d{2,3}$/,
  /^1900\d{7}$/,
  ...Object.entries(premiumByCountry).map(([code, rest]) => new RegExp(`^${international}${code}${rest}`)),
  new RegExp(`^49${premiumByCountry[49]}\\d{4,}`),
]

/** Prefixes of call-by-call carriers in Germany (010xy, 0100yy) and North America (101xxxx). */
const carrierPrefix = /^(?:010(?:0\d\d|[1-9]\d)|101\d{4})(?=\d{2})/

/** What a number is, or looks like. */
export interface Forbidden {
  readonly kind: 'emergency' | 'premium'
  /**
   * What allows it all the same: nothing, an account of this number (in whose place it is not dialled as anything else), or
   * whatever names it as an extension, where only some switches would take it for that.
   */
  readonly unless: 'nothing' | 'account' | 'named'
}

/** Why a number must not be dialled, or undefined where nothing is against it. `number` has no separators. */
export function forbidden(number: string): Forbidden | undefined {
  const readings = dialStrings(number).map(spellings)
  const whole = readings.flatMap((reading) => reading.whole)
  const inside = readings.flatMap((reading) => reading.inside)
  const parts = readings.flatMap((reading) => reading.parts)
  if (whole.some(isEmergency) || parts.some((form) => isEmergency(form) || behindOutsideLine.test(form)))
    return { kind: 'emergency', unless: isNational(number) ? 'account' : 'nothing' }
  if (inside.some(isEmergency)) return { kind: 'emergency', unless: 'account' }
  if ([...parts, ...whole, ...inside].some(isPremium)) return { kind: 'premium', unless: 'nothing' }
  if ([...whole, ...inside].some((form) => ambiguousEmergencyForms.some((pattern) => pattern.test(form))))
    return { kind: 'emergency', unless: 'named' }
  // Behind a digit for the outside line that is neither 0 nor 9.
  return [...whole, ...inside].some((form) => /^[1-8](?:0|\+)/.test(form) && isPremium(form.slice(1)))
    ? { kind: 'premium', unless: 'named' }
    : undefined
}

const isEmergency = (form: string): boolean =>
  emergencyNumbers.has(form) || emergencyForms.some((pattern) => pattern.test(form))

const isPremium = (form: string): boolean => premiumForms.some((pattern) => pattern.test(form))

/** What is dialled: the whole, and, around pauses, each part: what follows a pause may follow the outside line's tone. */
function dialStrings(number: string): string[] {
  const first = number.replace(/[,;].*$/, '').replace(/^([+\d*#]+)[pwx].*$/i, '$1')
  const withPauses = /^[+\d*#,;pwx]+$/i.test(number) ? number.split(/[,;pwx]+/i) : []
  const joined = withPauses.join('')
  return [...new Set([first, joined, ...withPauses])].filter((form) => form !== '')
}

interface Spellings {
  /** As dialled, with and without the codes around it. */
  readonly whole: string[]
  /** What is left where the zeros in front are the outside line's: just as well they belong to the number. */
  readonly inside: string[]
  /** What the codes are about: a diversion's destination, say. */
  readonly parts: string[]
}

function spellings(dialled: string): Spellings {
  const ended = dialled.replace(/[#*]+$/, '')
  const unhidden = ended.replace(/[*#]{1,2}\d{1,3}#/g, '')
  const unstarred = unhidden.replace(/^[*#]+(?=\d{3})/, '')
  const plain = [dialled, ended, unhidden, unstarred]
  const bare = plain.flatMap((form) => [form, form.replace(/^\+(?=0)/, '')])
  const withoutCarrier = (forms: readonly string[]) => [
    ...new Set(forms.flatMap((form) => [form, form.replace(carrierPrefix, '')])),
  ]
  const whole = withoutCarrier(bare)
  // Behind outside-line digits, before the zero of an area code.
  const inside = withoutCarrier(bare.map((form) => form.replace(/^0{1,2}(?=0[1-9])/, '')))
  const [first = '', ...others] = /^\+?\d{0,3}[*#]{1,2}\d{1,3}\*(.+)$/.exec(ended)?.[1]?.split(/[*#]+/) ?? []
  // Four digits may be a time of day, fewer than three a service or a delay.
  const parts = [first, ...others.filter((part) => part.length > 2)].filter((part) => !/^\d{4}$/.test(part))
  return { whole, inside, parts }
}
