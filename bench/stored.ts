import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parsePublicKey } from '../src/tokens/ssh-key.ts'

const instant = '2026-01-01T00:00:00.000Z'
const owners = 1_000

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The value of a stored token. Each is in the database by its digest alone, as the server keeps it. */
export const tokenValue = (number: number): string => `glpat-${hash(`token ${number}`).toString('base64url').slice(0, 20)}`

const counted = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A public key that looks like any other; nobody has the private one. */
const publicKey = (number: number): string => {
  const blob = Buffer.concat([counted(Buffer.from('ssh-ed25519')), counted(hash(`key ${number}`))])
  return `ssh-ed25519 ${blob.toString('base64')} user@host-${number}`
}

const insertInto = (database: Database.Database, table: string, row: Readonly<Record<string, unknown>>): number => {
  const columns = Object.keys(row)
  const text = `insert into ${table} (${columns.join(', ')}) values (${columns.map((name) => `@${name}`).join(', ')})`
  return Number(database.prepare(text).run(row).lastInsertRowid)
}

const userRow = (number: number) => ({
  username: `user-${number}`,
  username_key: `user-${number}`,
  name: `User ${number}`,
  email: `user-${number}@example.com`,
  email_key: `user-${number}@example.com`,
  state: 'active',
  kind: 'human',
  is_admin: 0,
  is_external: 0,
  confirmed_at: instant,
  can_create_group: 1,
  projects_limit: 100_000,
  created_at: instant,
  updated_at: instant,
})

const tokenRow = (user: number, number: number) => ({
  user_id: user,
  name: `token ${number}`,
  digest: createHash('sha256').update(tokenValue(number)).digest('hex'),
  scopes: '["read_repository"]',
  impersonation: 0,
  revoked: 0,
  expires_at: '2099-01-01',
  created_at: instant,
})

const keyRow = (user: number, number: number) => {
  const key = parsePublicKey(publicKey(number))
  if (key === undefined) throw new Error('the server would not take this key')
  return {
    kind: 'user',
    user_id: user,
    title: `key ${number}`,
    key: key.line,
    fingerprint_sha256: key.fingerprintSha256,
    fingerprint_md5: key.fingerprintMd5,
    usage_type: 'auth_and_signing',
    public: 0,
    created_at: instant,
  }
}

/** The database of a home, into which a bench puts more users than would be patient enough to come one by one. */
export class StoredCrowd {
  readonly #database: Database.Database
  readonly #users: readonly number[]
  #tokens = 0

  /** @param home of a server that has run once; it may be running */
  constructor(home: string) {
    this.#database = new Database(join(home, 'sallyport.db'), { timeout: 10_000 })
    this.#users = this.#whole(() =>
      Array.from({ length: owners }, (_, number) => insertInto(this.#database, 'users', userRow(number))),
    )
  }

  addKeys(count: number): void {
    this.#whole(() => {
      for (let key = 0; key < count; key += 1) insertInto(this.#database, 'keys', keyRow(this.#ownerOf(key), key))
    })
  }

  /** Adds tokens until there are so many. */
  growTokens(count: number): void {
    this.#whole(() => {
      for (; this.#tokens < count; this.#tokens += 1) {
        insertInto(this.#database, 'access_tokens', tokenRow(this.#ownerOf(this.#tokens), this.#tokens))
      }
    })
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #ownerOf(number: number): number {
    return this.#users[number % owners] ?? 0
  }

  #whole<Value>(work: () => Value): Value {
    return this.#database.transaction(work)()
  }
}
