import { randomUUID } from 'node:crypto'
import type { RegistryKey, RegistryKeys } from './keys.ts'

/** The audience of every token, by the name that registries are configured with. */
export const registryService = 'container_registry'

/** What a token allows with one thing. A registry looks at type, name and actions. */
export interface RegistryAccess {
  readonly type: string
  readonly class?: string
  readonly name: string
  readonly actions: readonly string[]
  /** Of a repository's project, as GitLab has it. */
  readonly meta?: { readonly project_path: string; readonly project_id: number; readonly root_namespace_id: number }
}

/** Who a token is for, as GitLab tells its own registry. */
export type RegistryHolder =
  | { readonly username: string; readonly user_id: number }
  | { readonly username: string; readonly deploy_token_id: number }

export interface RegistryToken {
  /** The public base URL: the `issuer` of the registry's configuration. */
  readonly issuer: string
  /** Name of the user, which the registry logs; undefined for deploy tokens and those who are anonymous. */
  readonly subject: string | undefined
  /** How its holder came in, in GitLab's words: `personal_access_token`, `build`, `none`. */
  readonly authType: string
  readonly holder: RegistryHolder | undefined
  readonly access: readonly RegistryAccess[]
  /** Milliseconds. */
  readonly now: number
  /** Seconds; registries take a token for one minute more. */
  readonly life: number
}

/** Seconds by which the clock of a registry may be behind ours; its own tolerance comes on top. */
const notBefore = 120

const times = ({ now, life }: RegistryToken) => {
  const seconds = Math.floor(now / 1_000)
  return { iat: seconds, nbf: seconds - notBefore, exp: seconds + life, jti: randomUUID() }
}

const jwt = async (
  { key, id }: RegistryKey,
  claims: Record<string, unknown>,
  header: { x5c?: string[] } = {},
): Promise<string> => {
  // Servers without a registry never need it.
  const { SignJWT } = await import('jose')
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: id, ...header }).sign(key)
}

/** Without issuer and audience, so that no registry takes it for a token of its own. */
const userToken = (key: RegistryKey, token: RegistryToken): Promise<string> =>
  jwt(key, {
    ...times(token),
    user_info: token.holder === undefined ? null : { token_type: token.authType, ...token.holder },
  })

/**
 * Signs a token for a registry (distribution's documentation, "Token Authentication Implementation"; gitlab
 * `Auth::ContainerRegistryAuthenticationService`). The header holds the certificate itself, which registries before and
 * after 3.0 understand, and the name that older ones give the key. Throws `UnusableKeyFile`.
 */
export const signRegistryToken = async (keys: RegistryKeys, token: RegistryToken): Promise<string> => {
  const key = await keys.current()
  const claims = {
    ...times(token),
    iss: token.issuer,
    aud: registryService,
    ...(token.subject !== undefined && { sub: token.subject }),
    auth_type: token.authType,
    access: token.access,
    user: await userToken(key, token),
  }
  return jwt(key, claims, { x5c: [key.certificate] })
}
