import { stringify } from 'yaml'
import type { Mapping } from './value.ts'

/** A configuration as text, with nothing left in it that names something else. */
export const mergedYaml = (merged: Mapping): string =>
  `---\n${stringify(merged, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 })}`
