import { z } from 'zod'
import { ok } from './answer.ts'
import { type Call, type Route, route } from './call.ts'
import { words } from './entity-words.ts'
import type { Description } from './openapi/document.ts'
import { baseUrl } from './urls.ts'

/** Only how it begins: what it holds is for OpenAPI to say. */
const documentEntity = z.object({
  openapi: words,
  info: z.looseObject({ title: words, version: words }),
  servers: z.array(z.object({ url: words })),
  tags: z.array(z.object({ name: words })),
  paths: z.looseObject({}),
  components: z.looseObject({}),
})

const info = (call: Call) => ({
  title: 'Sallyport',
  version: call.parts.version,
  description: [
    "GitLab's REST v4, as far as this server has it.",
    'In forms and queries, lists are sent as `name[]=a&name[]=b`, and what stands within another as `name[part]=a`.',
    'With `sudo`, a parameter or header, an administrator acts as another user.',
    'Of the scopes in `x-scopes` one is enough.',
  ].join(' '),
})

/**
 * The description of the API itself, open to all as GitLab's is: it holds nothing of what the server keeps. Made when
 * it is first asked for, since starting must not wait for it.
 */
export const openApiRoute = (routes: () => readonly Route[]): Route => {
  let made: Promise<Description> | undefined
  const make = async () => (await import('./openapi/document.ts')).describeRoutes(routes())
  return route('GET', '/openapi.json', {
    open: true,
    output: documentEntity,
    summary: 'This description',
    async handler(call) {
      made ??= make()
      const description = await made
      return ok({
        openapi: '3.1.0',
        info: info(call),
        servers: [{ url: `${baseUrl(call.parts.settings)}/api/v4` }],
        ...description,
      })
    },
  })
}
