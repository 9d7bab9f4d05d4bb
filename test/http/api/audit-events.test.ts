import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/core/audit.ts'
import { type Reply, startApi, today } from './api-server.ts'
import { startWorld, type Who, type World } from './world.ts'

interface Event {
  readonly id: number
  readonly author_id: number
  readonly entity_id: number
  readonly entity_type: string
  readonly event_name: string
  readonly details: Record<string, unknown>
  readonly created_at: string
}

let world: World
let project: number

beforeAll(async () => {
  world = await startWorld()
  project = await world.project('app')
})

afterAll(() => world.close())

const events = async (path = '/audit_events?per_page=100', who: Who = 'root'): Promise<Event[]> => {
  const reply = await world.ask<Event[]>('GET', path, { token: world.token(who) })
  expect(reply.status).toBe(200)
  return reply.body
}

/** The events of what is done, oldest first. */
const eventsOf = async (work: () => Promise<unknown>): Promise<Event[]> => {
  const before = (await events())[0]?.id ?? 0
  await work()
  return (await events()).filter(({ id }) => id > before).reverse()
}

const as = (who: Who) => (method: string, path: string, json?: unknown) =>
  world.ask<{ id: number; token: string }>(method, path, { token: world.token(who), ...(json !== undefined && { json }) })

const root = as('root')

describe('an event', () => {
  test('has the shape of GitLab', async () => {
    const [event] = await eventsOf(() => root('POST', '/groups', { name: 'Shape', path: 'shape' }))
    const user = world.people.root.id
    expect(event).toEqual({
      id: expect.any(Number),
      author_id: user,
      entity_id: event?.entity_id,
      entity_type: 'Group',
      event_name: 'group_created',
      details: {
        event_name: 'group_created',
        author_name: 'Name of root',
        author_class: 'User',
        author_email: 'root@example.org',
        target_id: event?.entity_id,
        target_type: 'Group',
        target_details: 'shape',
        custom_message: 'Added group',
        ip_address: '127.0.0.1',
        entity_path: 'shape',
      },
      created_at: new Date(today).toISOString(),
    })
    expect(await events(`/audit_events/${event?.id}`)).toEqual(event)
  })

  test('done under sudo is the acted user’s, and tells who acted', async () => {
    const owner = world.people.owner
    const [event] = await eventsOf(() =>
      world.ask('PUT', `/projects/${project}`, {
        token: world.token('root'),
        headers: { Sudo: 'owner' },
        json: { name: 'By sudo' },
      }),
    )
    expect(event).toMatchObject({
      event_name: 'project_name_updated',
      author_id: owner.id,
      details: { author_name: 'Name of owner', acted_by: 'root', change: 'name', from: 'app', to: 'By sudo' },
    })
  })

  test('of what is refused there is none', async () => {
    expect(await eventsOf(() => as('guest')('PUT', `/projects/${project}`, { name: 'no' }))).toEqual([])
    expect(await eventsOf(() => root('POST', '/groups', { name: 'Team', path: 'team' }))).toEqual([])
  })
})

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDCTe8ys2nPyYzR/K7QDbrDk7xDkbKKpV6E7rWiqJTr9 one'
const deployKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJRsoGeh+CBYmb1Wz3fYBzJYHtLYW0NBMAN8hyJsV+2i two'

type Deed = readonly [title: string, work: () => Promise<unknown>, names: readonly string[]]

const made = async (path: string, json: unknown): Promise<number> => {
  const reply = await root('POST', path, json)
  expect([path, reply.status, reply.body]).toEqual([path, 201, reply.body])
  return reply.body.id
}

const deeds = (): readonly Deed[] => {
  const { guest, stranger } = world.people
  const own = `/projects/${project}`
  const token = { name: 'ci', scopes: ['api'] }
  return [
    [
      'a personal token is made, rotated and revoked',
      async () => {
        const id = await made(`/users/${guest.id}/personal_access_tokens`, token)
        const { body } = await root('POST', `/personal_access_tokens/${id}/rotate`)
        await root('DELETE', `/personal_access_tokens/${body.id}`)
        await root('DELETE', `/personal_access_tokens/${body.id}`)
      },
      [
        'personal_access_token_created',
        'personal_access_token_revoked',
        'personal_access_token_created',
        'personal_access_token_revoked',
      ],
    ],
    [
      'an impersonation token',
      async () => {
        const id = await made(`/users/${guest.id}/impersonation_tokens`, token)
        await root('DELETE', `/users/${guest.id}/impersonation_tokens/${id}`)
      },
      ['personal_access_token_created', 'personal_access_token_revoked'],
    ],
    ...(['projects', 'groups'] as const).map((places): Deed => {
      const kind = places === 'projects' ? 'project' : 'group'
      return [
        `a token of a ${kind}, and failures`,
        async () => {
          const path = places === 'projects' ? `${own}/access_tokens` : '/groups/team/access_tokens'
          const id = await made(path, { ...token, access_level: 30 })
          const { body } = await root('POST', `${path}/${id}/rotate`)
          expect((await as('guest')('DELETE', `${path}/${body.id}`)).status).toBe(400)
          await root('DELETE', `${path}/${body.id}`)
          expect((await as('guest')('POST', path, token)).status).toBe(400)
        },
        ['created', 'deleted', 'created', 'deletion_failed', 'deleted', 'creation_failed'].map(
          (what) => `${kind}_access_token_${what}`,
        ),
      ]
    }),
    [
      'deploy tokens',
      async () => {
        const fields = { name: 'd', scopes: ['read_repository'] }
        await root('DELETE', `${own}/deploy_tokens/${await made(`${own}/deploy_tokens`, fields)}`)
        await root('DELETE', `/groups/team/deploy_tokens/${await made('/groups/team/deploy_tokens', fields)}`)
      },
      ['deploy_token_created', 'deploy_token_destroyed', 'group_deploy_token_created', 'group_deploy_token_destroyed'],
    ],
    [
      'deploy keys',
      async () => {
        const id = await made(`${own}/deploy_keys`, { title: 'd', key: deployKey })
        await made(`${own}/deploy_keys`, { title: 'again', key: deployKey })
        await root('PUT', `${own}/deploy_keys/${id}`, { title: 'e', can_push: true })
        await root('DELETE', `${own}/deploy_keys/${id}`)
        await made('/deploy_keys', { title: 'd', key: deployKey })
      },
      ['deploy_key_added', 'deploy_key_updated', 'deploy_key_updated', 'deploy_key_removed', 'deploy_key_added'],
    ],
    [
      'keys of a user',
      async () => {
        const id = await made(`/users/${guest.id}/keys`, { title: 'k', key })
        await root('DELETE', `/users/${guest.id}/keys/${id}`)
      },
      ['add_ssh_key', 'remove_ssh_key'],
    ],
    [
      'members',
      async () => {
        await made(`${own}/members`, { user_id: stranger.id, access_level: 30 })
        await root('PUT', `${own}/members/${stranger.id}`, { access_level: 40, expires_at: '2027-01-01' })
        await root('DELETE', `${own}/members/${stranger.id}`)
      },
      ['member_created', 'member_updated', 'member_updated', 'member_destroyed'],
    ],
    [
      'protections',
      async () => {
        await made(`${own}/protected_branches`, { name: 'stable' })
        await root('PATCH', `${own}/protected_branches/stable`, {
          allow_force_push: true,
          allowed_to_push: [{ access_level: 30 }],
        })
        await root('DELETE', `${own}/protected_branches/stable`)
        await made(`${own}/protected_tags`, { name: 'v*' })
        await root('DELETE', `${own}/protected_tags/v*`)
      },
      [
        'protected_branch_created',
        'protected_branch_allow_force_push_updated',
        'protected_branch_updated',
        'protected_branch_removed',
        'protected_tag_created',
        'protected_tag_removed',
      ],
    ],
    [
      'a user, from birth to death',
      async () => {
        const id = await made('/users', {
          username: 'mortal',
          name: 'M',
          email: 'mortal@example.org',
          password: 'some-pass-word',
        })
        await root('PUT', `/users/${id}`, { name: 'N', admin: true, password: 'other-pass-word' })
        for (const what of ['block', 'block', 'unblock', 'deactivate', 'activate']) await root('POST', `/users/${id}/${what}`)
        await root('DELETE', `/users/${id}`)
      },
      [
        'user_created',
        'user_name_updated',
        'user_admin_status_updated',
        'user_password_updated',
        'user_blocked',
        'unblock_user',
        'user_deactivate',
        'user_activate',
        'user_destroyed',
      ],
    ],
    [
      'a group and its project',
      async () => {
        const group = await made('/groups', { name: 'G', path: 'g' })
        await root('PUT', `/groups/${group}`, { path: 'gg', visibility: 'public' })
        await root('POST', `/groups/${group}/archive`)
        await root('POST', `/groups/${group}/unarchive`)
        const id = await made('/projects', { path: 'p', namespace_id: group })
        await root('PUT', `/projects/${id}`, { path: 'q', visibility: 'public' })
        await root('POST', `/projects/${id}/archive`)
        await root('POST', `/projects/${id}/unarchive`)
        await root('PUT', `/projects/${id}/transfer`, { namespace: world.group })
        await root('DELETE', `/projects/${id}`)
        await root('DELETE', `/groups/${group}`)
      },
      [
        'group_created',
        'group_path_updated',
        'group_visibility_level_updated',
        'group_archived',
        'group_unarchived',
        'project_created',
        'project_path_updated',
        'project_visibility_level_updated',
        'project_archived',
        'project_unarchived',
        'project_path_updated',
        'project_visibility_level_updated',
        'project_namespace_updated',
        'project_destroyed',
        'group_destroyed',
      ],
    ],
  ]
}

describe('each deed has its events', () => {
  test('under the names of GitLab, once, in order', async () => {
    const found: Record<string, string[]> = {}
    for (const [title, work] of deeds()) found[title] = (await eventsOf(work)).map(({ event_name }) => event_name)
    expect(found).toEqual(Object.fromEntries(deeds().map(([title, , names]) => [title, names])))
  })

  test('GitLab’s lines are in the log for tokens of projects and groups', () => {
    const lines = world.lines.map(({ msg }) => String(msg))
    const { group } = world
    const numbers = { project: `project_id: ${project}`, group: `group_id: ${group}` }
    for (const kind of ['project', 'group'] as const) {
      const [made, ended] = [
        `${kind.toUpperCase()} ACCESS TOKEN CREATION: created_by: root, ${numbers[kind]}, token_user: ci, token_id: `,
        `${kind.toUpperCase()} ACCESS TOKEN REVOCATION: revoked_by: root, ${numbers[kind]}, token_user: ci, token_id: `,
      ]
      expect(lines.filter((line) => line.startsWith(made))).toHaveLength(2)
      expect(lines.filter((line) => line.startsWith(ended))).toHaveLength(2)
    }
  })

  test('no secret is in any event', async () => {
    const { body } = await root('POST', `/users/${world.people.guest.id}/personal_access_tokens`, { name: 'x', scopes: ['api'] })
    const text = JSON.stringify(await events())
    expect(text).not.toContain(body.token)
    expect(text).not.toContain('pass-word')
    expect(text).not.toMatch(/gl(?:pat|dt)-/)
  })
})

describe('who reads which events', () => {
  const expected: Record<string, Partial<Record<Who, number>>> = {
    '/audit_events': { anonymous: 401, stranger: 403, guest: 403, owner: 403, root: 200 },
    '/projects/:project/audit_events': {
      anonymous: 401,
      stranger: 404,
      guest: 403,
      reporter: 403,
      developer: 200,
      maintainer: 200,
      owner: 200,
      root: 200,
    },
    '/groups/team/audit_events': {
      anonymous: 401,
      stranger: 404,
      guest: 403,
      reporter: 403,
      developer: 200,
      maintainer: 200,
      owner: 200,
      root: 200,
    },
  }

  test.each(Object.entries(expected))('%s', async (path, statuses) => {
    const found: Record<string, number> = {}
    for (const who of Object.keys(statuses) as Who[]) {
      const token = who === 'anonymous' ? undefined : world.token(who)
      found[who] = (await world.ask('GET', path.replace(':project', String(project)), { token })).status
    }
    expect(found).toEqual(statuses)
  })

  test('a developer sees the own events alone, a maintainer all of the project, and nobody those of another one', async () => {
    const path = `/projects/${project}/audit_events?per_page=100`
    await as('maintainer')('PUT', `/projects/${project}`, { name: 'By a maintainer' })
    expect(await events(path, 'developer')).toEqual([])
    const seen = await events(path, 'maintainer')
    expect(seen.length).toBeGreaterThan(3)
    expect(new Set(seen.map(({ entity_id, entity_type }) => `${entity_type} ${entity_id}`))).toEqual(
      new Set([`Project ${project}`]),
    )
    const other = (await events()).find(({ entity_type }) => entity_type === 'User')
    const one = (id: number | undefined, who: Who) =>
      world.ask('GET', `/projects/${project}/audit_events/${id}`, { token: world.token(who) })
    expect((await one(other?.id, 'maintainer')).status).toBe(404)
    expect((await one(seen[0]?.id, 'maintainer')).status).toBe(200)
    expect((await one(seen[0]?.id, 'developer')).status).toBe(404)
  })
})

describe('the list', () => {
  test.each([
    [`entity_type=Project`, (event: Event) => event.entity_type === 'Project'],
    [`entity_type=User`, (event: Event) => event.entity_type === 'User'],
    [`entity_type=Gitlab::Audit::InstanceScope`, (event: Event) => event.entity_type === 'Gitlab::Audit::InstanceScope'],
    [`created_after=2026-03-11`, () => false],
    [`created_before=2026-03-10`, () => false],
    [`created_after=2026-03-10T12:00:00Z&created_before=2026-03-10T12:00:00Z`, () => true],
  ])('narrowed by %s', async (query, belongs) => {
    const all = await events()
    expect(await events(`/audit_events?per_page=100&${query}`)).toEqual(all.filter(belongs))
  })

  test.each([
    ['entity_id=1', 'entity_type is missing'],
    ['entity_type=Token', 'entity_type does not have a valid value'],
    ['created_after=soon', 'created_after is invalid'],
  ])('refuses %s', async (query, error) => {
    expect(await world.ask('GET', `/audit_events?${query}`, { token: world.token('root') })).toMatchObject({
      status: 400,
      body: { error },
    })
  })

  test.each(['0', '99999999', '-1', 'x'])('has no event %s', async (id) => {
    expect((await world.ask('GET', `/audit_events/${id}`, { token: world.token('root') })).status).toBe(
      /^\d/.test(id) ? 404 : 400,
    )
  })

  test('is walked by key, every event once', async () => {
    const all = (await events()).map(({ id }) => id)
    const walked: number[] = []
    let path: string | undefined = '/audit_events?pagination=keyset&per_page=7'
    while (path !== undefined && walked.length <= all.length) {
      const reply: Reply<Event[]> = await world.ask('GET', path, { token: world.token('root') })
      walked.push(...reply.body.map(({ id }) => id))
      path = /<[^>]*\/api\/v4([^>]*)>; rel="next"/.exec(reply.headers.get('Link') ?? '')?.[1]
    }
    expect(walked.slice(0, all.length)).toEqual(all)
  })
})

describe('an answer is held until its events are on disk', () => {
  const brokenTrail = (recorded: AuditEvent[]) => ({
    trail: {
      record: (more: readonly AuditEvent[]) => void recorded.push(...more),
      settled: async () => {
        throw new Error('the disk is full')
      },
    },
    usage: { note() {}, settled: async () => {} },
    refusals: { refused() {}, settled: async () => {} },
  })

  test('where they cannot be written it is 500, with the id of the log', async () => {
    const recorded: AuditEvent[] = []
    const api = await startApi({}, { activity: brokenTrail(recorded) })
    try {
      const reply = await api.ask('POST', '/groups', { token: api.root.token, json: { name: 'G', path: 'g' } })
      expect(reply.status).toBe(500)
      expect(recorded.map(({ name }) => name)).toEqual(['group_created'])
      expect(api.lines).toContainEqual(
        expect.objectContaining({ correlation_id: reply.body['correlation_id'], msg: 'a request failed' }),
      )
      expect((await api.ask('GET', '/groups', { token: api.root.token })).status).toBe(200)
    } finally {
      await api.close()
    }
  })
})
