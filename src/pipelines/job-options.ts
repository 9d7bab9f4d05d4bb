import type { JobOptions, PlannedVariable } from '../ci/plan.ts'
import type { JobRow } from '../store/ci/jobs.ts'
import type { PayloadVariable } from './payload-shape.ts'

/** Written by us alone, when the job was made. */
export const optionsOf = ({ options }: Pick<JobRow, 'options'>): JobOptions => JSON.parse(options) as JobOptions

/** What the configuration says. */
export const plannedVariables = ({ variables }: Pick<JobRow, 'variables'>): PayloadVariable[] =>
  (JSON.parse(variables) as readonly PlannedVariable[]).map(({ key, value, raw }) => ({
    key,
    value,
    public: true,
    file: false,
    masked: false,
    raw,
  }))
