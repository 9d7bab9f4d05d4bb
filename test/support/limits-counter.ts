import { openLimits } from '../../src/store/limits.ts'

/** Counts tries of one address and tells its parent what it was told. */
const [file = '', times = '0'] = process.argv.slice(2)
const limits = openLimits(file)
const counts = Array.from({ length: Number(times) }, () => limits.tries.add('a', 1_000, 61_000))
limits.close()
process.send?.(counts)
