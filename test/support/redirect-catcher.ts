import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A program on the user's machine that waits for the browser to come back, as credential helpers do. */
export interface RedirectCatcher {
  readonly uri: string
  /** Resolves with the query of the first request. */
  readonly caught: Promise<URLSearchParams>
  [Symbol.asyncDispose](): Promise<void>
}

export const startCatcher = async (): Promise<RedirectCatcher> => {
  let tell: (query: URLSearchParams) => void = () => {}
  const caught = new Promise<URLSearchParams>((resolve) => {
    tell = resolve
  })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    if (url.pathname === '/callback') tell(url.searchParams)
    response.setHeader('Content-Type', 'text/html')
    response.end('<title>Back</title><p>You may close this page.</p>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    caught,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
