import { InvalidArgumentError } from 'commander'

export const count = (text: string): number => {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (value >= 1) return value
  throw new InvalidArgumentError('It is a whole number from 1 to 9999.')
}
