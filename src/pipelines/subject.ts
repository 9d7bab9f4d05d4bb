import { branchStandings, tagProtections } from '../access/branch-standing.ts'
import type { PipelineSource } from '../ci/states.ts'
import type { ProjectId, TriggerId, UserId } from '../core/ids.ts'
import { type CiSettings, readCiSettings } from '../store/ci/settings.ts'
import { lineageIds, type Namespace, namespacesById } from '../store/namespaces.ts'
import { type Project, projectById } from '../store/projects.ts'
import type { Reader } from '../store/routes.ts'
import { readRules } from '../store/rules.ts'
import { type Account, userById } from '../store/users.ts'

/** A commit on a branch or tag for which something runs, as rows name it. */
export interface Running {
  readonly project: ProjectId
  /** Short name of the branch or tag. */
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  /** 40 zeros where there is none. */
  readonly beforeSha: string
  readonly source: PipelineSource
  readonly user: UserId | undefined
  readonly trigger: TriggerId | undefined
}

/** The same with what is stored about it. */
export interface Subject extends Omit<Running, 'project' | 'user'> {
  readonly project: Project
  /** From the root down to the project's own. */
  readonly namespaces: readonly Namespace[]
  readonly settings: CiSettings
  /** None once the user was deleted. */
  readonly user: Account | undefined
  /** A rule protects the ref now. */
  readonly protected: boolean
}

const isProtected = async (reader: Reader, { project, ref, tag }: Running, now: number): Promise<boolean> => {
  const rules = await readRules(reader, project, now)
  return tag ? tagProtections(rules)(ref) : branchStandings(rules, undefined)(ref).protected
}

/** Throws where the project is gone. */
export const subjectOf = async (reader: Reader, running: Running, now: number): Promise<Subject> => {
  const project = await projectById(reader, running.project)
  if (project === undefined) throw new Error(`project ${running.project} is gone`)
  const ids = lineageIds(project.lineage)
  const found = await namespacesById(reader, ids)
  return {
    ...running,
    project,
    namespaces: ids.flatMap((id) => found.get(id) ?? []),
    settings: await readCiSettings(reader, project.id),
    user: running.user === undefined ? undefined : await userById(reader, running.user),
    protected: await isProtected(reader, running, now),
  }
}

/** Where the configuration lies in the repository. */
export const configPathOf = ({ config_path }: Pick<CiSettings, 'config_path'>): string => config_path ?? '.gitlab-ci.yml'
