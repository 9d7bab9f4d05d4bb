import type { CredentialKind } from '../../src/core/credential.ts'
import { password, type Scene } from '../../test/journeys/scene.ts'

/** What somebody brings along to a door. */
export type Shown =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'basic'
      readonly login: string
      readonly secret: string
      /** The address that a trusted proxy tells of; absent: this machine's. */
      readonly from?: string
    }
  | { readonly kind: 'key'; readonly file: string }

/** One credential of the tour, and how it is made by REST. */
export interface Recipe {
  /** Whoever holds it, and what it is, in plain words. */
  readonly who: string
  /** As the server names it in its log; `anonymous` for those who show nothing. */
  readonly kind: CredentialKind | 'anonymous'
  /** What stands behind a yes: the role of its user, or what the credential itself may do. */
  readonly standing: string
  readonly make: (scene: Scene) => Promise<Shown>
}

export const basic = (login: string, secret: string): Shown => ({ kind: 'basic', login, secret })

export const passwordOf =
  (username: string, secret: string = password) =>
  async (): Promise<Shown> =>
    basic(username, secret)

/** The token that everyone on the scene has from the start, with scope `api`. */
export const tokenOf =
  (username: string) =>
  async (scene: Scene): Promise<Shown> =>
    basic(username, scene.who(username).token)
