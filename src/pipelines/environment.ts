import { createHash } from 'node:crypto'
import type { JobOptions } from '../ci/plan.ts'
import type { Expansion } from './expansion.ts'
import type { PayloadVariable } from './payload-shape.ts'
import { shown } from './variable.ts'

/** Where a job deploys to. */
export interface Environment {
  readonly name: string
  readonly slug: string
  readonly url: string | undefined
  readonly action: string
  readonly tier: string
}

const longestSlug = 24

/** gitlab `Gitlab::Slug::Environment`: begins with a letter; what had to be changed gets a part of its digest, so that no two are alike. */
const environmentSlug = (name: string): string => {
  const words = name.toLowerCase().replace(/[^a-z0-9]/g, '-')
  const slug = (/^[a-z]/.test(words) ? words : `env-${words}`).replace(/-+/g, '-')
  if (slug.length <= longestSlug && slug === name) return slug
  const digest = createHash('sha256').update(name).digest('hex')
  const suffix = BigInt(`0x${digest}`).toString(36).slice(-6)
  return `${slug.slice(0, longestSlug - 7).replace(/-$/, '')}-${suffix}`
}

/** In this order (gitlab `Environment#guess_tier`). */
const tiers: readonly (readonly [tier: string, words: RegExp])[] = [
  ['development', /dev|review|trunk/i],
  ['testing', /test|tst|int|acc?e?pt|qa|qc|control|quality/i],
  ['staging', /sta?g|mode?l|pre|demo|non/i],
  ['production', /pro?d|live/i],
]

const tierOf = (name: string): string => tiers.find(([, words]) => words.test(name))?.[0] ?? 'other'

/** Undefined for a job that deploys nowhere. */
export const environmentOf = ({ environment }: JobOptions, expansion: Expansion): Environment | undefined => {
  if (environment === undefined) return undefined
  const name = expansion.expand(environment.name)
  const { url, action } = environment
  return { name, slug: environmentSlug(name), url, action, tier: tierOf(name) }
}

export const environmentVariables = (environment: Environment | undefined): PayloadVariable[] =>
  environment === undefined
    ? []
    : [
        shown('CI_ENVIRONMENT_NAME', environment.name),
        shown('CI_ENVIRONMENT_SLUG', environment.slug),
        shown('CI_ENVIRONMENT_ACTION', environment.action),
        shown('CI_ENVIRONMENT_TIER', environment.tier),
        ...(environment.url === undefined ? [] : [{ ...shown('CI_ENVIRONMENT_URL', environment.url), raw: false }]),
      ]
