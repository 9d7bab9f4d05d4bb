import { createSecretKey, randomBytes } from 'node:crypto'
import type { PlannedJob } from '../../../src/ci/plan.ts'
import type { ProjectId, UserId } from '../../../src/core/ids.ts'
import { insertPipeline, type NewVariable, type PipelineRow } from '../../../src/store/ci/pipelines.ts'
import { namespaceOfUser } from '../../../src/store/namespaces.ts'
import { createProject } from '../../../src/store/projects.ts'
import type { Store } from '../../../src/store/sqlite.ts'
import { Sealer } from '../../../src/tokens/seal.ts'
import { now, recordedShelf } from '../temporary-store.ts'

export const sealer = new Sealer(createSecretKey(randomBytes(32)))

export const planned = (name: string, stageIndex = 0, more: Partial<PlannedJob> = {}): PlannedJob => ({
  name,
  stage: `stage-${stageIndex}`,
  stageIndex,
  when: 'on_success',
  startIn: undefined,
  allowFailure: false,
  retry: { max: 0, when: ['always'] },
  timeout: undefined,
  tags: [],
  needs: undefined,
  variables: [],
  options: {
    script: ['true'],
    afterScript: [],
    image: undefined,
    services: [],
    artifacts: [],
    cache: [],
    hooks: [],
    dependencies: undefined,
    idTokens: {},
    environment: undefined,
    interruptible: false,
  },
  ...more,
})

/** A pipeline with these jobs, as one would be made of a configuration. */
export const makePipeline = (
  store: Store,
  { project, user }: { readonly project: ProjectId; readonly user: UserId },
  jobs: readonly PlannedJob[],
  variables: readonly NewVariable[] = [],
): Promise<PipelineRow> =>
  store.write.transaction().execute((transaction) =>
    insertPipeline(
      transaction,
      {
        project,
        user,
        ref: 'main',
        tag: false,
        sha: 'a'.repeat(40),
        beforeSha: '0'.repeat(40),
        source: 'push',
        triggerId: null,
        variables,
        protected: false,
        timeout: 3600,
      },
      { kind: 'plan', plan: { stages: [...new Set(jobs.map(({ stage }) => stage))], jobs, name: undefined, warnings: [] } },
      sealer,
      now,
    ),
  )

/** A private project in a user's own namespace. */
export const projectOf = async (store: Store, user: UserId): Promise<ProjectId> => {
  const namespace = await namespaceOfUser(store.read, user)
  if (namespace === undefined) throw new Error('the user has no namespace')
  const fields = {
    name: 'tool',
    path: 'tool',
    description: '',
    visibility: 'private',
    repository_access_level: 'enabled',
  } as const
  const made = await createProject(
    store,
    { ...fields, namespaceId: namespace.id, creator: user, initial_branch: 'main' },
    recordedShelf(),
    now,
  )
  if (typeof made === 'string') throw new Error(made)
  return made.id
}
