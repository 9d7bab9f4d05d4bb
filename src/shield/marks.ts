import { knownPrefixes } from '../tokens/kinds.ts'

/** What stands in front of a secret, and whether it is a part of it. */
export interface Mark {
  readonly text: string
  readonly isPart: boolean
}

/** The cookie of a session: its name tells where the secret begins. */
const cookie: Mark = { text: '_gitlab_session=', isPart: false }

/** Tokens of jobs have a number behind their prefix (gitlab `Ci::Build`, `partition_id_prefix_in_16_bit_encode`). */
const jobForm = 'glcbt-64_'

/** Tokens by which runners register (gitlab `RunnersTokenPrefixable`). */
const registrationForm = 'GR1348941'

/** A prefix that is shorter tells tokens from words no more; those with such a prefix, or none, are not looked for. */
const shortest = 4

/**
 * How the secrets begin that are looked for.
 * @param chosen what an administrator has access tokens begin with
 */
export const marksFor = (chosen: string): readonly Mark[] => {
  const beginnings = new Set([...knownPrefixes, jobForm, registrationForm, chosen])
  return [...[...beginnings].filter(({ length }) => length >= shortest).map((text) => ({ text, isPart: true })), cookie]
}
