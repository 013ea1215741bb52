/** The colours of the report, in one place, so that a test can compute their contrast. */
import type { Gravity, Verdict } from '../result/terms.js'

/** Colours of a verdict or a gravity: text and sign on a fill, and the text colour used on the page's own ground. */
export interface VerdictColours {
  readonly on: string
  readonly fill: string
  readonly text: string
}

export interface Palette {
  readonly ground: string
  readonly surface: string
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly accent: string
  /** Text marked inside of a message. */
  readonly mark: string
  /** Curves and bars. */
  readonly plot: string
  readonly plotTwo: string
  readonly verdicts: Readonly<Record<Verdict, VerdictColours>>
  readonly gravities: Readonly<Record<Gravity, VerdictColours>>
}

export const LIGHT: Palette = {
  ground: '#ffffff',
  surface: '#f5f6f8',
  text: '#1a1e23',
  muted: '#535c66',
  line: '#d5dae0',
  accent: '#0a5299',
  mark: '#ffe3e0',
  plot: '#2b6cb0',
  plotTwo: '#8a5a00',
  verdicts: {
    fail: { on: '#ffffff', fill: '#b3152b', text: '#a8142a' },
    error: { on: '#ffffff', fill: '#3d444d', text: '#3d444d' },
    inconclusive: { on: '#4d2f8f', fill: '#ebe4fa', text: '#57379c' },
    warn: { on: '#684100', fill: '#ffe7ad', text: '#7d4e00' },
    pass: { on: '#0f5627', fill: '#dcf1e2', text: '#116329' },
    unsupported: { on: '#535c66', fill: '#eceef1', text: '#535c66' },
    'not applicable': { on: '#535c66', fill: '#eceef1', text: '#535c66' },
  },
  gravities: {
    outage: { on: '#ffffff', fill: '#b3152b', text: '#a8142a' },
    exposure: { on: '#ffffff', fill: '#7c2279', text: '#7c2279' },
    harm: { on: '#5c2b00', fill: '#ffd2a1', text: '#8a4000' },
    letter: { on: '#3d4a59', fill: '#dfe6ee', text: '#4a5866' },
  },
}

export const DARK: Palette = {
  ground: '#14171a',
  surface: '#1d2125',
  text: '#e7eaed',
  muted: '#a3adb7',
  line: '#363d45',
  accent: '#84bdff',
  mark: '#56202a',
  plot: '#6aa9ee',
  plotTwo: '#e0ab4a',
  verdicts: {
    fail: { on: '#ffffff', fill: '#b8283d', text: '#ff939c' },
    error: { on: '#14171a', fill: '#c6ccd3', text: '#c6ccd3' },
    inconclusive: { on: '#d3c2ff', fill: '#322650', text: '#c8b3ff' },
    warn: { on: '#ffd578', fill: '#43320c', text: '#f2c04f' },
    pass: { on: '#8fe3a5', fill: '#17351f', text: '#7fd996' },
    unsupported: { on: '#a9b2bb', fill: '#272c31', text: '#a3adb7' },
    'not applicable': { on: '#a9b2bb', fill: '#272c31', text: '#a3adb7' },
  },
  gravities: {
    outage: { on: '#ffffff', fill: '#b8283d', text: '#ff939c' },
    exposure: { on: '#ffffff', fill: '#8c3389', text: '#eba3e8' },
    harm: { on: '#ffc48f', fill: '#54310f', text: '#ffb16b' },
    letter: { on: '#bcc8d4', fill: '#2c343c', text: '#adbac7' },
  },
}

/** The palettes as custom properties: light, dark where the reader's system asks for it, light on paper. */
export function paletteCss(): string {
  return `:root{${properties(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{${properties(DARK)}}}
`
}

function properties({ verdicts, gravities, ...plain }: Palette): string {
  const names = Object.entries(plain).map(([name, value]) => `--${name}:${value}`)
  const verdictNames = Object.entries({ ...verdicts, ...gravities }).flatMap(([of, { on, fill, text }]) => {
    const name = of.replaceAll(' ', '-')
    return [`--${name}-on:${on}`, `--${name}-fill:${fill}`, `--${name}-text:${text}`]
  })
  return [...names, ...verdictNames].join(';')
}
