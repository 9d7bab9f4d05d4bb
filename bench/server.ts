/** One server at one door, as the measurements see it. */
export interface Server {
  /** A repository's address for git. */
  url(repository: string): string
  /** The server's own processes now; git's are not among them. */
  processes(): readonly number[]
}

/** A server where repositories can be made. */
export interface Host extends Server {
  /** Makes an empty repository and returns where it lies on disk. */
  create(repository: string): Promise<string>
}

/** Who asks: the same login, token and key at every server. */
export interface Credentials {
  readonly login: string
  readonly token: string
  readonly publicKey: string
}

export const authorizationOf = ({ login, token }: Credentials): string =>
  `Basic ${Buffer.from(`${login}:${token}`).toString('base64')}`
