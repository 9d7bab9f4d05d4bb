import { apiCases } from '../../test/access/api.table.ts'
import { type AuthenticationCase, authenticationCases } from '../../test/access/authenticate.table.ts'
import { branchCases } from '../../test/access/branches.table.ts'
import type { Case } from '../../test/access/case.ts'
import { deployKeyCases } from '../../test/access/deploy-keys.table.ts'
import { jobTokenCases } from '../../test/access/job-token.table.ts'
import { projectCases } from '../../test/access/project.table.ts'
import { tagCases } from '../../test/access/tags.table.ts'
import { trustedProjectCases, trustedRefCases } from '../../test/access/trusted.table.ts'
import { actionWords, answerWords, projectWords, roleWords, whoWords } from './case-words.ts'
import { table } from './markdown.ts'
import { isReason } from './reasons.ts'

const ways: Record<AuthenticationCase['shown']['kind'], string> = {
  none: 'either',
  basic: 'HTTP, Basic',
  bearer: 'HTTP, Bearer',
  unreadable: 'HTTP, another scheme',
  'signed-key': 'SSH',
  'signed-certificate': 'SSH',
}

/** `token_expired PersonalAccessToken/9` → `token_expired`: the row's number is of no interest. */
const outcome = ({ gives }: AuthenticationCase): string => {
  const [word = ''] = gives.split(' ')
  return isReason(word) ? `no: \`${word}\`` : `yes: ${gives}`
}

/** What counts as whom. */
export const credentials = (): string =>
  table(
    ['Shown', 'How', 'Answer'],
    authenticationCases.map((row) => [row.is, ways[row.shown.kind], outcome(row)]),
  )

const heads = ['Case', 'Who', 'Role', 'Project', 'Asks', 'Answer']

const section = ([title, rows]: [string, readonly Case[]]): string => {
  const lines = rows.map((row) => [row.is, whoWords(row), roleWords(row), projectWords(row), actionWords(row), answerWords(row)])
  return `### ${title.charAt(0).toUpperCase()}${title.slice(1)}\n\n${table(heads, lines)}`
}

const sections = (cases: Readonly<Record<string, readonly Case[]>>): string => Object.entries(cases).map(section).join('\n\n')

const ofJobs = Object.fromEntries(Object.entries(jobTokenCases).map(([title, rows]) => [`job token: ${title}`, rows]))

export const projectRules = (): string => sections({ ...projectCases, ...trustedProjectCases, ...ofJobs })
export const refRules = (): string =>
  sections({ ...branchCases, ...deployKeyCases, ...tagCases, ...trustedRefCases, ...apiCases })
