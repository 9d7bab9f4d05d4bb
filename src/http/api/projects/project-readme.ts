import { isObjectIdName } from '../../../access/rules/ref-name.ts'
import type { FirstCommit } from '../../../core/first-commit.ts'
import type { Account } from '../../../store/users.ts'
import type { Call } from '../call.ts'
import { isGoodName } from '../repository/ref-change.ts'
import { httpCloneUrl } from '../urls.ts'
import { refuseProblems } from './project-input.ts'

interface Described {
  readonly name: string
  readonly description: string
  readonly fullPath: string
  readonly branch: string
}

const commandsFor = (url: string, branch: string): string =>
  ['```', `git clone ${url}`, `git switch ${branch}`, 'git add .', 'git commit', 'git push', '```'].join('\n')

/**
 * Begins as GitLab's does (`app/views/projects/readme_templates/default.md.tt`): name, description, first steps. The
 * steps are our own, since GitLab's lead to pages that are not here.
 */
const readmeFor = (call: Call, { name, description, fullPath, branch }: Described): string => {
  const steps = commandsFor(httpCloneUrl(call.parts.settings, fullPath), branch)
  const sections = [`# ${name}`, description, '## Getting started', 'Put your files beside this one:', steps]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

/** Longest name of a file; beside each branch git puts one with `.lock` behind it. In bytes. */
const longestPart = 255 - '.lock'.length

/** What may be pushed may begin here; git itself finds out that a name is too long for the disk. */
const isBranchToWrite = (branch: string): boolean =>
  isGoodName(branch, 'refs/heads/') &&
  !isObjectIdName(branch) &&
  branch.split('/').every((part) => Buffer.byteLength(part) <= longestPart)

/**
 * The commit with which `initialize_with_readme` begins a project (gitlab `app/services/projects/create_service.rb`,
 * `create_readme`). Throws 400 where its branch cannot be made.
 */
export const readmeCommit = (call: Call, creator: Account, described: Described): FirstCommit => {
  refuseProblems({ default_branch: isBranchToWrite(described.branch) ? undefined : 'is invalid' })
  return {
    file: 'README.md',
    content: readmeFor(call, described),
    message: 'Initial commit',
    author: { name: creator.name, email: creator.email },
    at: call.now,
  }
}
