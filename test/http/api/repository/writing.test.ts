import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rootToken } from '../../../support/sallyport.ts'
import { type Coded, openCode } from './code-scene.ts'

let code: Coded

beforeAll(async () => {
  code = await openCode()
}, 60_000)

afterAll(() => code?.scene[Symbol.asyncDispose]())

const call = (method: string, path: string, body?: unknown, project = code.project, token: string | undefined = rootToken) =>
  code.scene.api.as(token).call(method, `/projects/${project}/repository${path}`, body)

const remoteRefs = async (url = code.url): Promise<Map<string, string>> => {
  const { stdout } = await code.scene.client.git(['ls-remote', url])
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const [id, ref] = line.split('\t')
      return id && ref ? [[ref, id] as const] : []
    }),
  )
}

describe('branches', () => {
  test.each([
    ['a branch', 'from-branch', 'feature/side', 'side'],
    ['a tag', 'from-tag', 'v1.9.0', 'first'],
    ['a light tag', 'from-light', 'refs/tags/light', 'first'],
    ['HEAD', 'deep/er/from-head', 'HEAD', 'top'],
  ] as const)('from %s', async (_, branch, ref, at) => {
    const made = await call('POST', '/branches', { branch, ref })
    expect([made.status, made.body.name, made.body.commit.id]).toEqual([201, branch, code.ids[at]])
    expect((await remoteRefs()).get(`refs/heads/${branch}`)).toBe(code.ids[at])
    expect((await call('DELETE', `/branches/${encodeURIComponent(branch)}`)).status).toBe(204)
    expect((await remoteRefs()).has(`refs/heads/${branch}`)).toBe(false)
  })

  test('from a part of an id, in a query', async () => {
    const made = await call('POST', `/branches?branch=from-id&ref=${code.ids.third.slice(0, 10)}`)
    expect([made.status, made.body.commit.id]).toEqual([201, code.ids.third])
  })

  test.each([
    [{ branch: 'main', ref: 'main' }, 400, { message: 'Branch already exists' }],
    [{ branch: 'new design', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: '-x', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: 'HEAD', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: 'refs/heads/x', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: 'a\nb', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: 'a..b', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: 'x.lock', ref: 'main' }, 400, { message: 'Branch name is invalid' }],
    [{ branch: 'x', ref: 'foo' }, 400, { message: "Failed to create branch 'x': invalid reference name 'foo'" }],
    [{ branch: 'x', ref: 'main~1' }, 400, { message: "Failed to create branch 'x': invalid reference name 'main~1'" }],
    [{ branch: 'x', ref: '--all' }, 400, { message: "Failed to create branch 'x': invalid reference name '--all'" }],
    [
      { branch: 'x', ref: 'f'.repeat(40) },
      400,
      { message: `Failed to create branch 'x': invalid reference name '${'f'.repeat(40)}'` },
    ],
    [
      { branch: 'main/x', ref: 'main' },
      400,
      { message: "Failed to create branch 'main/x': Branch name conflicts with existing branch hierarchy." },
    ],
    [
      { branch: 'feature', ref: 'main' },
      400,
      { message: "Failed to create branch 'feature': Branch name conflicts with existing branch hierarchy." },
    ],
    [
      { branch: 'e'.repeat(40), ref: 'main' },
      400,
      { message: 'You cannot create a branch with a SHA-1 or SHA-256 branch name.' },
    ],
    [{ branch: 'x' }, 400, { error: 'ref is missing' }],
    [{ branch: ' ', ref: 'main' }, 400, { error: 'branch is empty' }],
    [{ branch: ['x'], ref: 'main' }, 400, { error: 'branch is invalid' }],
    [{ branch: 'x'.repeat(2000), ref: 'main' }, 400, { message: { branch: ['is too long (maximum is 1024 characters)'] } }],
  ])('%j is refused, and changes nothing', async (body, status, said) => {
    const before = await remoteRefs()
    const answer = await call('POST', '/branches', body)
    expect([answer.status, answer.body]).toEqual([status, said])
    expect(await remoteRefs()).toEqual(before)
  })

  test('protected, by one who may only merge into it: from what lies in a protected branch', async () => {
    const { token } = code.scene.who('developer')
    const protect = { name: 'merge/*', push_access_level: 40, merge_access_level: 30 }
    await code.scene.api.make('POST', `/projects/${code.project}/protected_branches`, protect)
    const make = (branch: string, ref: string) => call('POST', '/branches', { branch, ref }, code.project, token)
    expect((await make('merge/from-tip', 'main')).status).toBe(201)
    expect((await make('merge/from-below', code.ids.second)).status).toBe(201)
    const refused = await make('merge/from-elsewhere', 'ahead')
    expect([refused.status, refused.body.message]).toEqual([
      400,
      'You can only use an existing protected branch ref as the basis of a new protected branch.',
    ])
  })

  test('of many at once one is made', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('POST', '/branches', { branch: 'race', ref: 'main' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400, 400])
  })

  test('deleted by one who knew it as it is, and by no other', async () => {
    await call('POST', '/branches', { branch: 'known', ref: 'light' })
    const remove = (since: string) =>
      fetch(`${code.scene.server.http}/api/v4/projects/${code.project}/repository/branches/known`, {
        method: 'DELETE',
        headers: { 'PRIVATE-TOKEN': rootToken, 'If-Unmodified-Since': since },
      })
    expect((await remove('Wed, 01 Jan 2020 00:00:00 GMT')).status).toBe(412)
    expect((await remove('Wed, 01 Jan 2025 00:00:00 GMT')).status).toBe(204)
  })

  test('one that is not there, or has no name', async () => {
    expect((await call('DELETE', '/branches/none')).body).toEqual({ message: '404 Branch Not Found' })
    expect((await call('DELETE', '/branches/a*')).body).toEqual({ message: 'The branch refname is invalid' })
  })

  test('what is merged goes at once, but for what is protected', async () => {
    await call('POST', '/branches', { branch: 'kept/old', ref: 'light' })
    await code.scene.api.make('POST', `/projects/${code.project}/protected_branches`, { name: 'kept/*' })
    const answer = await call('DELETE', '/merged_branches')
    expect([answer.status, answer.body]).toEqual([202, { message: '202 Accepted' }])
    const left = [...(await remoteRefs()).keys()].filter((ref) => ref.startsWith('refs/heads/'))
    expect(left).toEqual(
      expect.arrayContaining(['refs/heads/main', 'refs/heads/ahead', 'refs/heads/same', 'refs/heads/kept/old']),
    )
    expect(left).not.toContain('refs/heads/done')
    expect(left).not.toContain('refs/heads/feature/side')
  })
})

describe('tags', () => {
  test('light', async () => {
    const { status, body } = await call('POST', '/tags', { tag_name: 'new/light', ref: 'main' })
    expect([status, body.message, body.target]).toEqual([201, '', code.ids.top])
  })

  test('annotated, in the caller’s name', async () => {
    const { token } = code.scene.who('developer')
    const message = '  Release\n\nwith "words" and ünïcode  '
    const { status, body } = await call(
      'POST',
      '/tags',
      { tag_name: 'new/annotated', ref: 'v1.9.0', message },
      code.project,
      token,
    )
    expect([status, body.message, body.commit.id]).toEqual([201, message.trim(), code.ids.first])
    const { client } = code.scene
    await client.git(['fetch', '-q', code.url, 'refs/tags/new/annotated:refs/tags/fetched'], { cwd: code.directory })
    const { stdout } = await client.git(['cat-file', 'tag', 'fetched'], { cwd: code.directory })
    expect(stdout).toContain('\ntagger developer <developer@example.com> ')
    expect((await client.git(['fsck', '--strict'], { cwd: code.directory })).code).toBe(0)
  })

  test.each([
    [{ tag_name: 'light', ref: 'main' }, 400, { message: 'Tag light already exists' }],
    [{ tag_name: 'new design', ref: 'main' }, 400, { message: 'Tag name invalid' }],
    [{ tag_name: 'x', ref: 'foo' }, 400, { message: 'Target foo is invalid' }],
    [{ tag_name: 'main', ref: 'main' }, 400, { message: 'You cannot use default branch name to create a tag' }],
    [{ tag_name: 'e'.repeat(64), ref: 'main' }, 400, { message: 'You cannot create a tag with a SHA-1 or SHA-256 tag name.' }],
    [{ tag_name: 'light/x', ref: 'main' }, 400, { message: 'Failed to create a tag: light/x' }],
    [{ tag_name: 'x' }, 400, { error: 'ref is missing' }],
    [{ tag_name: 'x', ref: 'main', message: 'a\0b' }, 400, { error: expect.stringContaining('NUL') }],
  ])('%j is refused', async (body, status, said) => {
    const answer = await call('POST', '/tags', body)
    expect([answer.status, answer.body]).toEqual([status, said])
  })

  test('whom nobody may make, nobody may delete', async () => {
    await call('POST', '/tags', { tag_name: 'sealed', ref: 'main' })
    await code.scene.api.make('POST', `/projects/${code.project}/protected_tags`, { name: 'sealed', create_access_level: 0 })
    const answer = await call('DELETE', '/tags/sealed')
    expect([answer.status, answer.body.message]).toEqual([400, 'You are not allowed to create this tag as it is protected.'])
  })
})

test('a project that has only tags gets its first branch, and that is its default one from then on', async () => {
  const { id } = await code.scene.api.make('POST', '/projects', { path: 'tags-only', namespace_id: code.scene.groupId })
  const url = code.scene.client.url('castle/tags-only', 'root', rootToken)
  await code.scene.client.git(['push', '-q', url, 'light'], { cwd: code.directory })
  const refused = await call('POST', '/branches', { branch: 'trunk', ref: 'light' }, id, code.scene.who('developer').token)
  expect([refused.status, refused.body.message]).toEqual([
    400,
    expect.stringContaining('A default branch (e.g. main) does not yet exist'),
  ])
  const made = await call('POST', '/branches', { branch: 'trunk', ref: 'light' }, id)
  expect([made.status, made.body.default, made.body.protected]).toEqual([201, true, true])
  expect((await code.scene.api.make('GET', `/projects/${id}`)).default_branch).toBe('trunk')
})

test('what was put in the place of other objects is not shown', async () => {
  const { client } = code.scene
  const developer = client.url('castle/code', 'x', code.scene.who('developer').token)
  await client.git(['replace', '-f', code.ids.third, code.ids.first], { cwd: code.directory })
  const pushed = await client.git(['push', '-q', developer, `refs/replace/${code.ids.third}`], { cwd: code.directory })
  await client.git(['replace', '-d', code.ids.third], { cwd: code.directory })
  expect(pushed.code).toBe(0)
  const { body } = await call('GET', `/commits/${code.ids.third}`)
  expect([body.title, body.parent_ids]).toEqual(['third', [code.ids.second]])
  expect((await call('GET', `/commits/refs%2Freplace%2F${code.ids.third}`)).status).toBe(404)
})

test('names that mean something in an address', async () => {
  const branch = 'a#b/c?d%2F&é'.replace('?', '')
  const made = await call('POST', '/branches', { branch, ref: 'main' })
  expect([made.status, made.body.name]).toEqual([201, branch])
  expect(made.body.web_url).toMatch(/\/tree\/a%23b\/cd%252F%26%C3%A9$/)
  expect((await call('GET', `/branches/${encodeURIComponent(branch)}`)).body.name).toBe(branch)
  expect((await call('DELETE', `/branches/${encodeURIComponent(branch)}`)).status).toBe(204)
})

test('an archived project is read and not changed', async () => {
  const { id } = await code.scene.api.make('POST', '/projects', { path: 'archived', namespace_id: code.scene.groupId })
  const url = code.scene.client.url('castle/archived', 'root', rootToken)
  await code.scene.client.git(['push', '-q', url, 'main'], { cwd: code.directory })
  await code.scene.api.make('POST', `/projects/${id}/archive`)
  expect((await call('GET', '/branches/main', undefined, id)).body.can_push).toBe(false)
  for (const [method, path, body] of [
    ['POST', '/branches', { branch: 'x', ref: 'main' }],
    ['POST', '/tags', { tag_name: 'x', ref: 'main' }],
    ['DELETE', '/branches/main', undefined],
    ['DELETE', '/merged_branches', undefined],
  ] as const) {
    expect((await call(method, path, body, id)).status).toBe(403)
  }
})

describe('audit', () => {
  const events = async (): Promise<{ event_name?: string; details: Record<string, unknown> }[]> =>
    (await code.scene.api.make('GET', `/projects/${code.project}/audit_events`)) as never

  beforeEach(async () => {
    await code.scene.api.call('POST', `/projects/${code.project}/protected_branches`, { name: 'watched/*' })
  })

  test('says of protected refs that they were made and deleted', async () => {
    await call('POST', '/branches', { branch: 'watched/one', ref: 'main' })
    await call('DELETE', '/branches/watched%2Fone')
    await call('POST', '/branches', { branch: 'unwatched', ref: 'main' })
    const text = JSON.stringify(await events())
    expect(text).toContain('Created protected branch watched/one')
    expect(text).toContain('Deleted protected branch watched/one')
    expect(text).not.toContain('unwatched')
  })
})
