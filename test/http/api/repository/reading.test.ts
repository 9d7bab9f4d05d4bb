import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asksAbout, type Coded, openCode } from './code-scene.ts'

let code: Coded

beforeAll(async () => {
  code = await openCode()
}, 60_000)

afterAll(() => code?.scene[Symbol.asyncDispose]())

const { ask, fetchRaw } = asksAbout(() => code)

const names = (body: readonly { name: string }[]): string[] => body.map(({ name }) => name)

describe('branches', () => {
  test('one, in full', async () => {
    const { body } = await ask('/branches/main')
    expect(body).toMatchObject({
      name: 'main',
      merged: false,
      protected: true,
      developers_can_push: false,
      developers_can_merge: false,
      can_push: true,
      default: true,
      web_url: expect.stringMatching(/\/castle\/code\/-\/tree\/main$/),
      commit: { id: code.ids.top, short_id: code.ids.top.slice(0, 8), title: 'top', parent_ids: [code.ids.third, code.ids.side] },
    })
  })

  test('with a slash in its name, also over HEAD', async () => {
    expect((await ask('/branches/feature%2Fside')).body.name).toBe('feature/side')
    expect((await fetchRaw('/branches/feature%2Fside', { method: 'HEAD' })).status).toBe(204)
    expect((await fetchRaw('/branches/feature%2Fnone', { method: 'HEAD' })).status).toBe(404)
  })

  test.each([
    ['none', 404, '404 Branch Not Found'],
    ['no%20name', 400, 'The branch refname is invalid'],
    ['..', 404, undefined],
    ['a..b', 400, 'The branch refname is invalid'],
    ['a%0Ab', 400, 'The branch refname is invalid'],
    ['refs%2Fheads%2Fmain', 404, '404 Branch Not Found'],
  ])('%s: %i', async (name, status, message) => {
    const answer = await ask(`/branches/${name}`)
    expect([answer.status, answer.body.message]).toEqual([status, message])
  })

  test.each([
    ['', ['ahead', 'done', 'feature/side', 'main', 'same']],
    ['?search=a', ['ahead', 'feature/side', 'main', 'same']],
    ['?search=^a', ['ahead']],
    ['?search=E%24', ['done', 'feature/side', 'same']],
    ['?search=^main%24', ['main']],
    ['?search=f*e%24', ['feature/side']],
    ['?search=none', []],
    ['?sort=updated_asc&search=e', ['done', 'feature/side', 'ahead', 'same'].sort()],
    ['?per_page=2&page=2', ['feature/side', 'main']],
    ['?pagination=keyset&per_page=2&page_token=done', ['feature/side', 'main']],
  ])('list%s', async (query, said) => {
    const { status, body } = await ask(`/branches${query}`)
    expect(status).toBe(200)
    expect(query.includes('sort=') ? names(body).sort() : names(body)).toEqual(said)
  })

  test('sorted by the time of their commits', async () => {
    const [up, down] = [
      names((await ask('/branches?sort=updated_asc')).body),
      names((await ask('/branches?sort=updated_desc')).body),
    ]
    expect([up[0], down.at(-1)]).toEqual(['done', 'done'])
  })

  test('headers of pages', async () => {
    const { headers } = await ask('/branches?per_page=2')
    expect([headers.get('x-total'), headers.get('x-next-page')]).toEqual(['5', '2'])
    const walked = await ask('/branches?pagination=keyset&per_page=2')
    expect(walked.headers.get('link')).toContain('page_token=done')
    expect((await ask('/branches?pagination=keyset&page_token=zzz')).status).toBe(422)
  })

  test('what is merged', async () => {
    const merged = (await ask('/branches')).body.filter((branch: { merged: boolean }) => branch.merged)
    expect(names(merged)).toEqual(['done', 'feature/side'])
  })

  test.each(['sort=oldest', 'regex=.*'])('?%s is refused', async (query) => {
    expect((await ask(`/branches?${query}`)).status).toBe(400)
  })

  test('what a Developer may', async () => {
    const asDeveloper = code.scene.api.as(code.scene.who('developer').token)
    const main = (await asDeveloper.call('GET', `/projects/${code.project}/repository/branches/main`)).body
    const ahead = (await asDeveloper.call('GET', `/projects/${code.project}/repository/branches/ahead`)).body
    expect([main.can_push, ahead.can_push, ahead.protected]).toEqual([false, true, false])
  })
})

describe('tags', () => {
  test('annotated', async () => {
    const { body } = await ask('/tags/v1.10.0')
    expect(body).toMatchObject({
      name: 'v1.10.0',
      message: 'Version 1.10\n\nwith words',
      commit: { id: code.ids.second },
      release: null,
      protected: false,
      created_at: expect.any(String),
    })
    expect(body.target).not.toBe(code.ids.second)
  })

  test('light', async () => {
    const { body } = await ask('/tags/light')
    expect(body).toMatchObject({ message: '', target: code.ids.first, commit: { id: code.ids.first }, created_at: null })
  })

  test.each([
    ['?order_by=name', ['v1.9.0', 'v1.10.0', 'light']],
    ['?order_by=name&sort=asc', ['light', 'v1.10.0', 'v1.9.0']],
    ['?order_by=version&sort=asc', ['light', 'v1.9.0', 'v1.10.0']],
    ['?order_by=version', ['v1.10.0', 'v1.9.0', 'light']],
    ['?search=^v', ['v1.10.0', 'v1.9.0']],
    ['?order_by=version&search=V1.9.0', ['v1.9.0']],
  ])('list%s', async (query, said) => {
    const found = names((await ask(`/tags${query}`)).body)
    expect(query.includes('order_by') ? found : found.sort()).toEqual(said)
  })

  test('one that is not there', async () => {
    expect((await ask('/tags/none')).body).toEqual({ message: '404 Tag Not Found' })
  })
})

describe('commits', () => {
  const titles = async (query: string): Promise<string[]> =>
    (await ask(`/commits${query}`)).body.map(({ title }: { title: string }) => title)

  test.each([
    ['?order=topo', ['top', 'side', 'third', 'second', 'first'].sort()],
    ['?first_parent=true', ['first', 'second', 'third', 'top']],
    ['?ref_name=v1.9.0', ['first']],
    ['?ref_name=feature/side', ['first', 'side']],
    ['?ref_name=none', []],
    ['?all=true&per_page=100', ['ahead', 'first', 'second', 'side', 'third', 'top']],
    ['?path=lib', ['first']],
    ['?path=side.txt', ['side']],
    ['?path=*.txt', []],
    ['?path=../side.txt', []],
    ['?path=lib/../side.txt&all=true', []],
    ['?path=/&until=2024-05-01T23:00:00Z', ['first']],
    ['?author=Bj%C3%B6rn', ['second']],
    ['?author=.*', []],
    ['?ref_name=v1.10.0&since=2024-05-02T00:00:00Z', ['second']],
    ['?ref_name=v1.10.0&until=2024-05-02T00:00:00Z', ['first']],
  ])('%s', async (query, said) => expect((await titles(query)).sort()).toEqual(said))

  test('in pages beyond all', async () => {
    expect((await ask('/commits?page=999999999999&per_page=100')).body).toEqual([])
  })

  test('in pages, without a count', async () => {
    const first = await ask('/commits?per_page=2&first_parent=true')
    expect([first.headers.get('x-next-page'), first.headers.get('x-total')]).toEqual(['2', null])
    const last = await ask('/commits?per_page=2&page=2&first_parent=true')
    expect([last.body.length, last.headers.get('x-next-page')]).toEqual([2, ''])
  })

  test('one by its id, by a part of it, by a branch', async () => {
    const { body } = await ask(`/commits/${code.ids.first}`)
    expect(body).toMatchObject({
      id: code.ids.first,
      title: 'first',
      author_name: 'Ada',
      author_email: 'ada@example.com',
      authored_date: '2024-05-01T12:00:00.000+02:00',
      committed_date: '2024-05-01T13:00:00.000+02:00',
      parent_ids: [],
      trailers: {},
      stats: { additions: 4, deletions: 0, total: 4 },
      status: null,
      project_id: code.project,
      last_pipeline: null,
    })
    expect((await ask(`/commits/${code.ids.first.slice(0, 9)}`)).body.id).toBe(code.ids.first)
    expect((await ask('/commits/feature%2Fside?stats=false')).body).not.toHaveProperty('stats')
    expect((await ask('/commits/HEAD')).body.title).toBe('top')
  })

  test('a merge counts what it brought to its first parent', async () => {
    expect((await ask(`/commits/${code.ids.top}`)).body.stats).toEqual({ additions: 1, deletions: 0, total: 1 })
    const listed = await ask('/commits?with_stats=true&first_parent=true')
    expect(listed.body.map(({ stats }: { stats: { total: number } }) => stats.total)).toEqual([1, 0, 2, 4])
  })

  test('trailers', async () => {
    const [commit] = (await ask('/commits?ref_name=light&trailers=true')).body
    expect(commit.trailers).toEqual({ 'Signed-off-by': 'Ada <ada@example.com>', 'Reviewed-by': 'B' })
    expect(commit.extended_trailers['Reviewed-by']).toEqual(['B'])
  })

  test.each(['none', 'main~1', ':/first', 'HEAD^', '--all', 'main:README.md', 'a'.repeat(40), '@%7B0%7D'])(
    '%s names none',
    async (word) => {
      const answer = await ask(`/commits/${encodeURIComponent(word)}`)
      expect([answer.status, answer.body]).toEqual([404, { message: '404 Commit Not Found' }])
    },
  )

  test('refs that contain one', async () => {
    const of = async (query: string) =>
      (await ask(`/commits/${code.ids.side}/refs${query}`)).body.map(
        ({ type, name }: Record<string, string>) => `${type} ${name}`,
      )
    expect(await of('')).toEqual(['branch ahead', 'branch feature/side', 'branch main', 'branch same'])
    expect(await of('?type=tag')).toEqual([])
    expect((await ask(`/commits/${code.ids.first}/refs?type=tag`)).body).toHaveLength(3)
  })
})

describe('an empty repository', () => {
  test.each([
    ['/branches', 200, []],
    ['/tags', 200, []],
    ['/commits', 200, []],
    ['/commits?all=true', 200, []],
    ['/branches/main', 404, { message: '404 Branch Not Found' }],
    ['/commits/main', 404, { message: '404 Commit Not Found' }],
    ['/tree', 404, { message: '404 Tree Not Found' }],
    ['/files/a?ref=main', 404, { message: '404 Commit Not Found' }],
    ['/files/a/raw', 404, { message: '404 Commit Not Found' }],
  ])('%s', async (path, status, body) => {
    const answer = await ask(path, code.empty)
    expect([answer.status, answer.body]).toEqual([status, body])
  })
})

test('by the path of the project too', async () => {
  expect((await ask('/branches/main', 'castle%2Fcode')).status).toBe(200)
})
