import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

export interface SigningPair {
  readonly privateKey: CryptoKey
  readonly published: JWK
}

export const newPair = async (kid: string, alg = 'ES256'): Promise<SigningPair> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, published: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** Seconds since 1970. */
const secondsOf = (now: number): number => Math.floor(now / 1000)

/** Claims of a job somewhere else, good for five minutes. */
export const jobClaims = (issuer: string, now: number, more: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  sub: 'repo:octo/ship:ref:refs/heads/main',
  aud: 'sallyport',
  repository: 'octo/ship',
  ref: 'refs/heads/main',
  iat: secondsOf(now),
  nbf: secondsOf(now) - 5,
  exp: secondsOf(now) + 300,
  jti: crypto.randomUUID(),
  ...more,
})

export const signJwt = (claims: JWTPayload, { privateKey, published }: SigningPair, header: Record<string, unknown> = {}) =>
  new SignJWT(claims)
    .setProtectedHeader({
      alg: published.alg ?? 'ES256',
      typ: 'JWT',
      ...(published.kid !== undefined && { kid: published.kid }),
      ...header,
    })
    .sign(privateKey)

/** An issuer on this machine: a discovery document and keys, unless a test has it answer otherwise. */
export interface LocalIssuer {
  readonly url: string
  readonly pair: SigningPair
  readonly asked: string[]
  /** Answers in place of the issuer, where it is set. */
  answers: ((path: string, response: ServerResponse) => void) | undefined
  token(more?: JWTPayload, header?: Record<string, unknown>): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

export const openIssuer = async (): Promise<LocalIssuer> => {
  const pair = await newPair('first')
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    if (issuer.answers !== undefined) return issuer.answers(path, response)
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
      '/keys': { keys: [pair.published] },
    }
    response.statusCode = Object.hasOwn(documents, path) ? 200 : 404
    response.end(JSON.stringify(documents[path] ?? {}))
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  const issuer: LocalIssuer = {
    url,
    pair,
    asked,
    answers: undefined,
    token: (more, header) => signJwt(jobClaims(url, Date.now(), more), pair, header),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return issuer
}
