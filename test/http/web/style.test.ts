import { expect, test } from 'vitest'
import { styleSheet } from '../../../src/http/web/style.ts'

/** WCAG 2.2, "relative luminance". */
const luminance = (colour: string): number => {
  const hex = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join('') : colour.slice(1)
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const schemes = [...styleSheet.matchAll(/:root \{([^}]*)\}/g)].map(([, body = '']) =>
  Object.fromEntries([...body.matchAll(/--([a-z-]+): (#[0-9a-f]+)/g)].map(([, name = '', colour = '']) => [name, colour])),
)

test('there is a light and a dark scheme', () => {
  expect(schemes).toHaveLength(2)
})

/** Texts need 4.5 to 1, the borders of fields 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11). */
test.each([
  ['text', 'ground', 4.5],
  ['text', 'soft', 4.5],
  ['quiet', 'ground', 4.5],
  ['accent', 'ground', 4.5],
  ['accent', 'soft', 4.5],
  ['on-accent', 'accent', 4.5],
  ['bad', 'ground', 4.5],
  ['line', 'ground', 3],
])('%s on %s has enough contrast in both', (text, ground, least) => {
  for (const colours of schemes) expect(contrast(colours[text] ?? '', colours[ground] ?? '')).toBeGreaterThanOrEqual(least)
})
