/** Arithmetic in the field of 256 elements that QR codes use (ISO/IEC 18004, polynomial 0x11d). */
const multiply = (one: number, other: number): number => {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((other >>> bit) & 1) * one
  }
  return product
}

/** The product of (x − 2^0) … (x − 2^(degree−1)), without its leading 1, highest power first. */
const generatorOf = (degree: number): number[] => {
  const coefficients = Array.from({ length: degree }, (_, index): number => (index === degree - 1 ? 1 : 0))
  let root = 1
  for (let factor = 0; factor < degree; factor += 1) {
    for (let at = 0; at < degree; at += 1) {
      coefficients[at] = multiply(coefficients[at] ?? 0, root) ^ (coefficients[at + 1] ?? 0)
    }
    root = multiply(root, 2)
  }
  return coefficients
}

/** The Reed–Solomon code words that let a reader mend a block of data. */
export const correctionOf = (data: readonly number[], count: number): number[] => {
  const generator = generatorOf(count)
  const remainder = Array.from({ length: count }, () => 0)
  for (const byte of data) {
    const factor = byte ^ (remainder.shift() ?? 0)
    remainder.push(0)
    for (const [at, coefficient] of generator.entries()) remainder[at] = (remainder[at] ?? 0) ^ multiply(coefficient, factor)
  }
  return remainder
}
