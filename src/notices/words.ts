import type { Letter } from '../store/notices/letters.ts'

/** Names of tokens in one letter (gitlab `PersonalAccessTokens::ExpiringWorker::MAX_TOKENS`). */
const mostNames = 100

/** GitLab's subject lines (gitlab `app/mailers/emails/profile.rb`). */
const subjectOf = ({ days, kind, home }: Letter): string => {
  if (days === 0) return 'Your personal access tokens have expired'
  if (kind === 'deploy-token') return `Your deploy token will expire in ${days} days or less`
  const whose = home.kind === 'user' ? 'personal' : 'resource'
  return `Your ${whose} access tokens will expire in ${days} days or less`
}

/** Of a name that a user chose, what stays on one line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const onOneLine = (name: string): string => name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')

const openingOf = ({ days, kind, home }: Letter): string => {
  if (days === 0) return 'These personal access tokens of yours have expired and no longer work:'
  const soon = `will expire in ${days} days or less`
  if (home.kind === 'user') return `These personal access tokens of yours ${soon}:`
  const what = kind === 'deploy-token' ? 'deploy tokens' : `${home.kind} access tokens`
  return `These ${what} of the ${home.kind} ${home.path} ${soon}:`
}

const linesOf = (names: readonly string[]): readonly string[] => {
  const shown = names.slice(0, mostNames).map((name) => `  - ${onOneLine(name)}`)
  return names.length > mostNames ? [...shown, `  and ${names.length - mostNames} more`] : shown
}

/** Where the tokens can be looked at, and what to do about them. There are no web pages: these are addresses of the API. */
const adviceOf = ({ kind, home }: Letter, baseUrl: string): readonly string[] => {
  const api = `${baseUrl}/api/v4`
  if (kind === 'deploy-token') {
    const list = `${api}/projects/${home.id}/deploy_tokens`
    return [`If one is still needed, make another (POST) and remove the old one (DELETE):`, `  ${list}`]
  }
  const list = home.kind === 'user' ? `${api}/personal_access_tokens` : `${api}/${home.kind}s/${home.id}/access_tokens`
  return ['If one is still needed, rotate it before it ends, or make another. They are listed here:', `  ${list}`]
}

const reasonOf = ({ kind, home }: Letter): readonly string[] => {
  if (home.kind === 'user') return []
  const role = home.kind === 'group' ? 'an Owner of the group' : 'an Owner or a Maintainer of the project'
  return ['', `You are told since you are ${role}${kind === 'deploy-token' ? ', which these tokens belong to' : ''}.`]
}

export interface Words {
  readonly subject: string
  readonly text: string
}

/** What a letter says. Names of tokens stand in it; nothing that lets anybody in. */
export const wordsOf = (letter: Letter, baseUrl: string): Words => ({
  subject: subjectOf(letter),
  text: [
    `Hello ${onOneLine(letter.to.name)},`,
    '',
    openingOf(letter),
    '',
    ...linesOf(letter.tokenNames),
    '',
    ...(letter.days === 0
      ? ['Make a new one where it is still needed. They are listed here:', `  ${baseUrl}/api/v4/personal_access_tokens`]
      : adviceOf(letter, baseUrl)),
    ...reasonOf(letter),
    '',
    `Sallyport on ${baseUrl}`,
    '',
  ].join('\n'),
})
