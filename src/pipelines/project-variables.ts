import type { VariableParts } from './parts.ts'
import type { PayloadVariable } from './payload-shape.ts'
import { baseUrlOf } from './server-variables.ts'
import { slugOf } from './slug.ts'
import { configPathOf, type Subject } from './subject.ts'
import { shown } from './variable.ts'

/** Where the project's own registry is off, a job is told of the server's all the same. */
const registryVariables = (registry: string | undefined, project: Subject['project']): PayloadVariable[] => {
  if (registry === undefined) return []
  const own = [shown('CI_REGISTRY_IMAGE', `${registry}/${project.full_path.toLowerCase()}`)]
  return [shown('CI_REGISTRY', registry), ...(project.container_registry_access_level === 'disabled' ? [] : own)]
}

/** What a job is told of its project (gitlab `Project#predefined_project_variables`, `#container_registry_variables`). */
export const projectVariables = (
  parts: Pick<VariableParts, 'settings'>,
  { project, namespaces, settings }: Subject,
): PayloadVariable[] => {
  const path = project.full_path
  const namespace = path.slice(0, path.lastIndexOf('/'))
  return [
    shown('CI_PROJECT_ID', project.id),
    shown('CI_PROJECT_NAME', project.path),
    shown('CI_PROJECT_TITLE', project.name),
    shown('CI_PROJECT_DESCRIPTION', project.description),
    shown('CI_PROJECT_PATH', path),
    shown('CI_PROJECT_PATH_SLUG', slugOf(path)),
    shown('CI_PROJECT_NAMESPACE', namespace),
    shown('CI_PROJECT_NAMESPACE_ID', project.namespace_id),
    shown('CI_PROJECT_NAMESPACE_SLUG', slugOf(namespace)),
    shown('CI_PROJECT_ROOT_NAMESPACE', namespaces[0]?.path ?? ''),
    shown('CI_PROJECT_URL', `${baseUrlOf(parts)}/${path}`),
    shown('CI_PROJECT_VISIBILITY', project.visibility),
    shown('CI_PROJECT_REPOSITORY_LANGUAGES', ''),
    shown('CI_PROJECT_CLASSIFICATION_LABEL', ''),
    shown('CI_DEFAULT_BRANCH', project.default_branch ?? ''),
    shown('CI_CONFIG_PATH', configPathOf(settings)),
    ...registryVariables(parts.settings.registry, project),
  ]
}

/** gitlab `Gitlab::Ci::Variables::Builder#user_variables` */
export const userVariables = ({ user }: Pick<Subject, 'user'>): PayloadVariable[] =>
  user === undefined
    ? []
    : [
        shown('GITLAB_USER_ID', user.id),
        shown('GITLAB_USER_EMAIL', user.email),
        shown('GITLAB_USER_LOGIN', user.username),
        shown('GITLAB_USER_NAME', user.name),
      ]
