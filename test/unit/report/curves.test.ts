import { describe, expect, test } from 'vitest'
import { incidentLabels } from '../../../src/report/curves.js'

describe('numbers of incidents on a curve', () => {
  const width = (text: string) => text.length * 7 + 6

  test('far apart, each stands alone', () => {
    expect(incidentLabels([10, 50, 90], width)).toEqual([
      { x: 10, text: '1' },
      { x: 50, text: '2' },
      { x: 90, text: '3' },
    ])
  })

  test('at the same time they are one label, as a range where they follow each other', () => {
    expect(incidentLabels([40, 40, 40, 44, 200], width)).toEqual([
      { x: 40, text: '1–4' },
      { x: 200, text: '5' },
    ])
    expect(incidentLabels([40, 90, 41], width)).toEqual([
      { x: 40, text: '1, 3' },
      { x: 90, text: '2' },
    ])
  })

  test('no two labels overprint, however many there are', () => {
    const places = Array.from({ length: 60 }, (_, index) => (index * 37) % 400)
    const labels = incidentLabels(places, width)
    for (const [index, { x, text }] of labels.entries())
      expect(labels[index + 1]?.x ?? Infinity).toBeGreaterThanOrEqual(x + width(text))
    expect(labels.length).toBeGreaterThan(3)
  })

  test('what lies outside of the part that is shown has no label', () => {
    expect(incidentLabels([undefined, 10], width)).toEqual([{ x: 10, text: '2' }])
  })
})
