import { families } from '../../src/core/metrics.ts'
import { table } from './markdown.ts'

/** Every figure of `/-/metrics`, with its labels. */
export const metrics = (): string =>
  table(
    ['Name', 'Type', 'Labels', 'Meaning'],
    Object.values(families).map((family) => {
      const labels = [...family.labels, ...('perWorker' in family ? ['worker'] : [])]
      return [`\`${family.name}\``, family.type, labels.map((label) => `\`${label}\``).join(', '), family.help]
    }),
  )
