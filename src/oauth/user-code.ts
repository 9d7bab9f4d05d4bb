import { randomInt } from 'node:crypto'

/** Of user codes: no vowels, so that no words come out, and nothing that looks like something else (RFC 8628, 6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ23456789'

/** 38 bits: for five minutes, behind a sign-in, and with tries that are counted, out of reach. */
const length = 8

/** What a person types to name a device. */
export const makeUserCode = (): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join('')

/** What somebody typed as it was made: people add dashes and blanks, and type in small letters. */
export const plainUserCode = (typed: string): string => typed.slice(0, 64).replace(/[\s-]/g, '').toUpperCase()
