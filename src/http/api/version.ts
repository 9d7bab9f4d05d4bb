import { ok } from './answer.ts'
import { type Call, type Route, route } from './call.ts'

/** The release of GitLab whose behaviour is followed. */
const gitlabRelease = '18.5.0'

const versionOf = (call: Call): { version: string; revision: string } => ({
  version: `${gitlabRelease}-sallyport.${call.parts.version}`,
  revision: call.parts.version,
})

const noAgents = { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null }

export const versionRoutes: readonly Route[] = [
  route('GET', '/version', { scopes: ['read_user'], handler: async (call) => ok(versionOf(call)) }),
  route('GET', '/metadata', {
    scopes: ['read_user'],
    handler: async (call) => ok({ ...versionOf(call), kas: noAgents, enterprise: false }),
  }),
]
