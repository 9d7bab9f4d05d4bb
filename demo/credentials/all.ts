import { automata } from './automata.ts'
import { deployKeys } from './deploy-keys.ts'
import { jobs } from './jobs.ts'
import { people } from './people.ts'
import type { Recipe } from './recipe.ts'
import { userKeys } from './user-keys.ts'

const all = { ...people, ...automata, ...jobs, ...userKeys, ...deployKeys }

export type CredentialName = keyof typeof all

/** Every credential of the tour by its name. */
export const credentials: Readonly<Record<CredentialName, Recipe>> = all

export const credentialNames = Object.keys(all) as readonly CredentialName[]
