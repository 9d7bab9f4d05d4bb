import { type ParsedPublicKey, parsePublicKey } from '../../tokens/ssh-key.ts'
import { type ApiError, validation } from './errors.ts'
import { moment, optional, text } from './input.ts'

/** Longer than any key that is taken, so that it is the parser that says no. */
const longestKey = 65_536

export const newKeyFields = { key: text(longestKey), title: text(), expires_at: optional(moment()) }

/** Throws GitLab's validation messages. */
export const checkKey = ({ key, title }: { readonly key: string; readonly title: string }): ParsedPublicKey => {
  const parsed = parsePublicKey(key)
  const messages = {
    ...(title.trim() === '' && { title: ["can't be blank"] }),
    ...(parsed === undefined && { key: ['is invalid'] }),
  }
  if (parsed === undefined || Object.keys(messages).length > 0) throw validation(messages)
  return parsed
}

export const keyTaken = (): ApiError => validation({ fingerprint_sha256: ['has already been taken'] })
