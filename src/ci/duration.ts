const seconds: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hr: 3600,
  hrs: 3600,
  hour: 3600,
  hours: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  wk: 604_800,
  week: 604_800,
  weeks: 604_800,
  mo: 2_592_000,
  mos: 2_592_000,
  mon: 2_592_000,
  month: 2_592_000,
  months: 2_592_000,
  y: 31_557_600,
  yr: 31_557_600,
  yrs: 31_557_600,
  year: 31_557_600,
  years: 31_557_600,
}

/** A hundred years: what is added to a time must leave one. */
const longest = 3_155_760_000

/** `1h 30m`, `90 minutes`, `3600`: whole seconds as ChronicDuration reads them; undefined where it is no duration. */
export const durationIn = (text: string): number | undefined => {
  if (text.length > 100) return undefined
  const parts = [
    ...text
      .toLowerCase()
      .replace(/,|\band\b/g, ' ')
      .matchAll(/\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)\s*|(.)/g),
  ]
  let total = 0
  for (const [, amount, unit = ''] of parts) {
    const size = unit === '' ? 1 : Object.hasOwn(seconds, unit) ? seconds[unit] : undefined
    if (amount === undefined || size === undefined) return undefined
    total += Number(amount) * size
  }
  return total > 0 && total <= longest ? Math.round(total) : undefined
}
