import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../src/core/action.ts'
import type { Principal } from '../../src/core/principal.ts'
import { moveRoutes } from '../../src/store/routes.ts'
import {
  accessToken,
  at,
  botToken,
  deployToken,
  fingerprints,
  hour,
  midnight,
  type RememberingHome,
  remembering,
} from './remembering-home.ts'

let home: RememberingHome
beforeAll(async () => {
  home = await remembering()
})
afterAll(() => home?.close())

type Process = ReturnType<RememberingHome['process']>

const project = 1 as never
const jobHome = { id: 1 as never, fullPath: 'castle/yard/gate', namespaces: [3, 4] as never[] }

/** Whoever a credential names now; nobody where it names no one. */
const principals: Readonly<Record<string, (process: Process) => Promise<Principal>>> = {
  anonymous: async () => ({ kind: 'anonymous' }),
  alice: async ({ lookups }) => {
    const found = await lookups.accessToken(accessToken)
    return found === undefined ? { kind: 'anonymous' } : { kind: 'user', user: found.user }
  },
  'the deploy token': async () => ({
    kind: 'deploy-token',
    id: 1 as never,
    username: 'deployer',
    home: { kind: 'group', id: 3 as never },
  }),
  'the deploy key': async ({ lookups }) => {
    const found = await lookups.key(fingerprints.deploy)
    return found === undefined
      ? { kind: 'anonymous' }
      : { kind: 'deploy-key', id: found.id, title: found.title, creator: found.user }
  },
  'a job of the project': async () => ({ kind: 'job', id: 1 as never, home: jobHome, user: home.alice }),
  'a job of another': async () => ({ kind: 'job', id: 2 as never, home: { ...jobHome, id: 2 as never }, user: home.alice }),
}

const paths = ['castle/yard/gate', 'Castle/Yard/GATE', 'castle/yard/door', 'castle/gate', 'castle/nothing']
const actions: readonly Action[] = [
  { kind: 'pull', service: 'upload-pack' },
  { kind: 'push', updates: 'unknown' },
  { kind: 'push', updates: [] },
]

type Question = (process: Process) => Promise<unknown>

const questions: readonly Question[] = [
  ({ lookups }) => lookups.accessToken(accessToken),
  ({ lookups }) => lookups.accessToken(botToken),
  ({ lookups }) => lookups.deployToken(deployToken),
  ({ lookups }) => lookups.key(fingerprints.user),
  ({ lookups }) => lookups.key(fingerprints.deploy),
  ({ lookups }) => lookups.keyLogsIn(fingerprints.user),
  ({ lookups }) => lookups.role(home.alice, project),
  ...paths.map(
    (path): Question =>
      ({ facts }) =>
        facts.locate(path),
  ),
  ...Object.values(principals).flatMap((principal) =>
    paths.flatMap((path) =>
      actions.map(
        (action): Question =>
          async (process) =>
            process.facts.read(await principal(process), path, action),
      ),
    ),
  ),
]

const day = fc.constantFrom(null, '2026-03-10', '2026-03-11', '2026-03-12')
const moment = fc.constantFrom(null, ...[-hour, -1, 0, 1, hour].map((by) => new Date(midnight + by).toISOString()))
const flag = fc.constantFrom(0, 1)

const move = (from: string, to: string) =>
  home.store.write.transaction().execute((transaction) => moveRoutes(transaction, from, to))

type Change = () => unknown

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(-hour, -1, 0, 1, hour).map((by) => () => {
    home.time.now = midnight + by
  }),
  fc
    .tuple(fc.constantFrom('namespace_id', 'project_id'), fc.constantFrom(10, 20, 30, 40, 50), day)
    .map(([column, level, expires]) => () => {
      home.write(`delete from members where user_id = ? and ${column} is not null`, home.alice.id)
      const place = column === 'project_id' ? 1 : 4
      home.insert('members', {
        [column]: place,
        user_id: home.alice.id,
        access_level: level,
        expires_at: expires,
        created_at: at,
      })
    }),
  fc.constant(() => home.write('delete from members where user_id = ?', home.alice.id)),
  fc.tuple(fc.constantFrom('private', 'internal', 'public'), flag).map(([visibility, archived]) => () => {
    home.write('update projects set visibility = ?, archived = ?', visibility, archived)
  }),
  fc
    .constantFrom('disabled', 'private', 'enabled')
    .map((level) => () => home.write('update projects set repository_access_level = ?', level)),
  fc.constantFrom(3, 4).map((namespace) => () => home.write('update projects set namespace_id = ? where id = 1', namespace)),
  flag.map((archived) => () => home.write("update namespaces set archived = ? where kind = 'group'", archived)),
  fc
    .constantFrom(0, 1, 2, 3, null)
    .map((preset) => () => home.write('update namespaces set default_branch_protection = ?', preset)),
  fc.constantFrom(['castle/yard/gate', 'castle/yard/door'], ['castle/yard/door', 'castle/yard/gate']).map(
    ([from = '', to = '']) =>
      () =>
        move(from, to),
  ),
  flag.map((revoked) => () => home.write('update access_tokens set revoked = ?', revoked)),
  day.map((expires) => () => home.write('update access_tokens set expires_at = ?', expires)),
  fc.tuple(flag, moment).map(
    ([revoked, expires]) =>
      () =>
        home.write('update deploy_tokens set revoked = ?, expires_at = ?', revoked, expires),
  ),
  fc.tuple(moment, fc.constantFrom('auth', 'signing')).map(
    ([expires, usage]) =>
      () =>
        home.write('update keys set expires_at = ?, usage_type = ?', expires, usage),
  ),
  fc.option(flag).map((canPush) => () => {
    home.write('delete from deploy_key_projects')
    if (canPush !== null) home.insert('deploy_key_projects', { key_id: 2, project_id: 1, can_push: canPush, created_at: at })
  }),
  fc
    .tuple(fc.constantFrom('active', 'blocked', 'deactivated'), flag, flag, moment)
    .map(([state, admin, external, expires]) => () => {
      home.write(
        'update users set state = ?, is_admin = ?, is_external = ?, password_expires_at = ?',
        state,
        admin,
        external,
        expires,
      )
    }),
  fc.constantFrom('"ssh"', '"http"', 'null').map((value) => () => {
    home.write("delete from settings where key = 'enabled_git_access_protocol'")
    home.insert('settings', { key: 'enabled_git_access_protocol', value })
  }),
  flag.map((open) => () => {
    home.write('delete from job_token_allowlist')
    if (open === 1) home.insert('job_token_allowlist', { project_id: 1, allowed_project_id: 2, created_at: at })
  }),
)

const asked = fc.array(fc.nat(questions.length - 1), { minLength: 3, maxLength: 8 })

test('what is remembered is what would be read: random writes by another process, random questions', async () => {
  const [fresh, remembers] = [home.process(false), home.process(true)]
  const step = fc.tuple(fc.option(changes, { freq: 2 }), asked)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const [change, numbers] of steps) {
        await change?.()
        for (const question of numbers.map((number) => questions[number])) {
          expect(await question?.(remembers)).toEqual(await question?.(fresh))
        }
      }
    }),
    { numRuns: 40 },
  )
})
