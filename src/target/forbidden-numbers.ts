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

// With an area code or country code before them, numbers still reach emergency services where these are used.
const core = '(?:110|112|911|999)'
const threeDigits = [...emergencyNumbers].filter((number) => number.length >= 3).join('|')
const international = String.raw`(?:\+|00|011|0011)`

const emergencyForms: readonly RegExp[] = [
  // Behind a digit for the outside line.
  new RegExp(`^[09]{1,2}(?:${threeDigits})$`),
  // Behind a country code, with or without the trunk zero.
  new RegExp(`^${international}[1-9]\\d{0,2}0?(?:${threeDigits})$`),
  new RegExp(`^(?:1|41|43|44|49)0?${core}$`),
  // Behind a German area code, also with the country code; an area code has at most five digits after its zero.
  /^0[1-9]\d{1,4}(?:110|112|19222)$/,
  new RegExp(String.raw`^(?:${international}49|49)0?[1-9]\d{1,4}(?:110|112|19222)$`),
  // Behind a two-digit code for hiding the caller.
  new RegExp(String.raw`^[*#]\d{2}${core}$`),
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

/** Why a number must not be dialled, or undefined where nothing is against it. `number` has no separators. */
export function forbidden(number: string): 'emergency' | 'premium' | undefined {
  const { whole, argument } = spellings(number)
  if (whole.some((form) => emergencyNumbers.has(form) || emergencyForms.some((pattern) => pattern.test(form))))
    return 'emergency'

  // The argument of a code (a diversion's destination, say) may be a time of day: only what cannot be one counts.
  if (argument !== undefined && !/^\d{4}$/.test(argument)) {
    if (emergencyNumbers.has(argument) || emergencyForms.some((pattern) => pattern.test(argument))) return 'emergency'
    if (premiumForms.some((pattern) => pattern.test(argument))) return 'premium'
  }
  return whole.some((form) => premiumForms.some((pattern) => pattern.test(form))) ? 'premium' : undefined
}

/** A number as dialled, and without the codes around it. */
function spellings(number: string): { whole: string[]; argument: string | undefined } {
  const dialled = number.replace(/[,;].*$/, '').replace(/^([+\d*#]+)[pwx].*$/i, '$1')
  const ended = dialled.replace(/[#*]+$/, '')
  const unhidden = ended.replace(/^(?:[*#]{1,2}\d{1,3}#)+/, '')
  const unstarred = unhidden.replace(/^[*#]+(?=\d{3})/, '')
  const argument = /^[*#]{1,2}\d{1,3}\*(.+)$/.exec(ended)?.[1]
  return { whole: [...new Set([dialled, ended, unhidden, unstarred])], argument }
}
