import { type ParsedPublicKey, parsePublicKey } from '../../../tokens/ssh-key.ts'
import { type ApiError, validation } from '../errors.ts'
import { moment, optional, text } from '../input.ts'

/** Longer than any key that is taken, so that it is the parser that says no. */
const longestKey = 65_536

export const newKeyFields = { key: text(longestKey), title: text(), expires_at: optional(moment()) }

interface NewKey {
  readonly key: string
  readonly title: string
  readonly expires_at?: string | undefined
}

const keyProblems = (parsed: ParsedPublicKey | undefined, expiresAt: string | undefined, now: number): readonly string[] => [
  ...(parsed === undefined ? ['is invalid'] : []),
  ...(expiresAt !== undefined && Date.parse(expiresAt) <= now ? ['has expired'] : []),
]

/** Throws GitLab's validation messages (gitlab `app/models/key.rb`). */
export const checkKey = ({ key, title, expires_at }: NewKey, now: number): ParsedPublicKey => {
  const parsed = parsePublicKey(key)
  const problems = keyProblems(parsed, expires_at, now)
  const messages = {
    ...(title.trim() === '' && { title: ["can't be blank"] }),
    ...(problems.length > 0 && { key: problems }),
  }
  if (parsed === undefined || Object.keys(messages).length > 0) throw validation(messages)
  return parsed
}

export const keyTaken = (): ApiError => validation({ fingerprint_sha256: ['has already been taken'] })
