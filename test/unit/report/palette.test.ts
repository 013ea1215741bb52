import { describe, expect, test } from 'vitest'
import { DARK, LIGHT, paletteCss } from '../../../src/report/palette.js'

/** WCAG 2.2 relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

test('contrast is computed as the standard says', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s palette', (_name, palette) => {
  const { verdicts, gravities, ground, surface } = palette
  const all = { ...verdicts, ...gravities }

  test.each(['text', 'muted', 'accent'] as const)('%s is readable on the page and on boxes (AA, 4.5)', (name) => {
    expect(contrast(palette[name], ground)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(palette[name], surface)).toBeGreaterThanOrEqual(4.5)
  })

  test('text of a marked line is readable', () => {
    expect(contrast(palette.text, palette.mark)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(palette.accent, palette.mark)).toBeGreaterThanOrEqual(4.5)
  })

  test.each(Object.entries(all))('%s is readable as a badge and as text', (_name, colours) => {
    expect(contrast(colours.on, colours.fill)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colours.text, ground)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colours.text, surface)).toBeGreaterThanOrEqual(4.5)
  })

  test('curves and bars stand out (AA for graphics, 3)', () => {
    for (const colour of [palette.plot, palette.plotTwo]) expect(contrast(colour, ground)).toBeGreaterThanOrEqual(3)
    expect(contrast(palette.plot, palette.line)).toBeGreaterThanOrEqual(3)
  })

  test('every colour is in the style sheet', () => {
    for (const colour of Object.values(all).flatMap(({ on, fill, text }) => [on, fill, text]))
      expect(paletteCss()).toContain(colour)
  })
})
