import { z } from 'zod'
import { gitlabRelease } from '../../../core/gitlab-release.ts'
import { ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { maybeWords, words, yesNo } from '../entity-words.ts'

const versionEntity = z.object({ version: words, revision: words }).meta({ id: 'Version' })

const metadataEntity = versionEntity
  .extend({
    kas: z.object({ enabled: yesNo, externalUrl: maybeWords, externalK8sProxyUrl: maybeWords, version: maybeWords }),
    enterprise: yesNo,
  })
  .meta({ id: 'Metadata' })

const versionOf = (call: Call): z.output<typeof versionEntity> => ({
  version: `${gitlabRelease}-sallyport.${call.parts.version}`,
  revision: call.parts.version,
})

const noAgents = { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null }

export const versionRoutes: readonly Route[] = [
  route('GET', '/version', {
    scopes: ['read_user'],
    output: versionEntity,
    handler: async (call) => ok(versionOf(call)),
  }),
  route('GET', '/metadata', {
    scopes: ['read_user'],
    output: metadataEntity,
    handler: async (call) => ok({ ...versionOf(call), kas: noAgents, enterprise: false }),
  }),
]
