import { join } from 'node:path'
import type { Ran } from '../test/support/client.ts'
import type { Shown } from './credentials/recipe.ts'
import type { Stage } from './stage.ts'
import type { Deed } from './steps/step.ts'

/** How git ended, and the sentence that it showed about it; empty where there was none. */
export interface Attempt {
  readonly allowed: boolean
  readonly sentence: string
}

/** What the server said through git, without the frames around it. */
const remoteLines = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .map((line) => line.replace(/^remote: (?:ERROR: |GitLab: )?/, '').trim())
    .filter((line) => /[^=]/.test(line))

/** What git or ssh say themselves where the server's answer leaves them no words; at the worst, how git gave up. */
const ownWords = [/Permission denied \(publickey\)/, /could not read Username/, /^fatal: .+$/m]

const sentenceIn = (stderr: string): string =>
  remoteLines(stderr)[0] ?? ownWords.map((words) => words.exec(stderr)?.[0]).find((words) => words !== undefined) ?? ''

const urlOf = ({ scene: { client } }: Stage, project: string, shown: Shown): string => {
  if (shown.kind === 'key') return client.sshUrl(project)
  return shown.kind === 'basic' ? client.url(project, shown.login, shown.secret) : client.url(project)
}

/** The server of the tour trusts this machine as a proxy, so that a client can come from elsewhere. */
const originOf = (shown: Shown): string[] =>
  shown.kind === 'basic' && shown.from !== undefined ? ['-c', `http.extraHeader=X-Forwarded-For: ${shown.from}`] : []

const wordsOf = (deed: Deed, url: string, number: number): string[] =>
  deed.kind === 'clone'
    ? ['clone', '-q', url, `clone-${number}`]
    : ['push', '-q', url, deed.refspec ?? `ahead:refs/heads/attempt-${number}`]

/** The branch that a clone has checked out is the proof that it is one. */
const isWhole = async (stage: Stage, deed: Deed, number: number): Promise<boolean> => {
  if (deed.kind === 'push') return true
  const { client } = stage.scene
  const { code } = await client.git(['rev-parse', '-q', '--verify', 'HEAD'], { cwd: join(client.directory, `clone-${number}`) })
  return code === 0
}

/** Runs stock git once, as whoever shows this credential. */
export const attempt = async (stage: Stage, deed: Deed, shown: Shown, number: number): Promise<Attempt> => {
  const { client } = stage.scene
  const { code, stderr }: Ran = await client.git(
    [...originOf(shown), ...wordsOf(deed, urlOf(stage, deed.project, shown), number)],
    {
      cwd: deed.kind === 'push' ? stage.workingCopy : client.directory,
      ...(shown.kind === 'key' && { key: shown.file }),
    },
  )
  return { allowed: code === 0 && (await isWhole(stage, deed, number)), sentence: sentenceIn(stderr) }
}
