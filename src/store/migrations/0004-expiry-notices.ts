import { type Kysely, type Migration, sql } from 'kysely'

const statements: readonly string[] = [
  `create table expiry_notices (
    id integer primary key autoincrement,
    access_token_id integer references access_tokens (id) on delete cascade,
    deploy_token_id integer references deploy_tokens (id) on delete cascade,
    days integer not null,
    user_id integer not null references users (id) on delete cascade,
    state text not null,
    tries integer not null,
    not_before text not null
  )`,
  'create unique index expiry_notices_by_access_token on expiry_notices (access_token_id, days, user_id)',
  'create unique index expiry_notices_by_deploy_token on expiry_notices (deploy_token_id, days, user_id)',
  'create index expiry_notices_by_user on expiry_notices (user_id)',
  'create index expiry_notices_by_state on expiry_notices (state, user_id)',
  'create table notice_runs (job text primary key, day text not null)',
  'create index access_tokens_by_expires_at on access_tokens (expires_at)',
  'create index deploy_tokens_by_expires_at on deploy_tokens (expires_at)',
]

/** Who was told of which token's end. No row here decides access, so none raises the security epoch. */
export const expiryNotices: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(database)
  },
}
