import { gitlabRelease } from '../core/gitlab-release.ts'
import type { VariableParts } from './parts.ts'
import type { PayloadVariable } from './payload-shape.ts'
import { shown } from './variable.ts'

/** The base URL, which is known once the doors are open; no job is handed out before. */
export const baseUrlOf = ({ settings }: Pick<VariableParts, 'settings'>): string => {
  if (settings.url === undefined) throw new Error('the public URL is not known yet')
  return settings.url
}

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80')

const sshVariables = (address: string | undefined): PayloadVariable[] => {
  const at = address?.lastIndexOf(':') ?? -1
  if (address === undefined || at < 0) return []
  return [
    shown('CI_SERVER_SHELL_SSH_HOST', address.slice(0, at).replace(/^\[|\]$/g, '')),
    shown('CI_SERVER_SHELL_SSH_PORT', address.slice(at + 1)),
  ]
}

/** What a job is told of the server (gitlab `Project#predefined_ci_server_variables`, `#api_variables`). */
export const serverVariables = ({ settings, version }: Pick<VariableParts, 'settings' | 'version'>): PayloadVariable[] => {
  const base = baseUrlOf({ settings })
  const url = new URL(base)
  const [major = '', minor = '', patch = ''] = gitlabRelease.split('.')
  return [
    shown('CI', 'true'),
    shown('GITLAB_CI', 'true'),
    shown('CI_SERVER_FQDN', url.host),
    shown('CI_SERVER_URL', base),
    shown('CI_SERVER_HOST', url.hostname),
    shown('CI_SERVER_PORT', portOf(url)),
    shown('CI_SERVER_PROTOCOL', url.protocol.slice(0, -1)),
    ...sshVariables(settings.sshPublic),
    shown('CI_SERVER_NAME', 'GitLab'),
    shown('CI_SERVER_VERSION', `${gitlabRelease}-sallyport.${version}`),
    shown('CI_SERVER_VERSION_MAJOR', major),
    shown('CI_SERVER_VERSION_MINOR', minor),
    shown('CI_SERVER_VERSION_PATCH', patch),
    shown('CI_SERVER_REVISION', version),
    shown('GITLAB_FEATURES', ''),
    shown('CI_API_V4_URL', `${base}/api/v4`),
  ]
}
