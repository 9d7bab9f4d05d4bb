import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Coded, openCode } from './code-scene.ts'

let code: Coded
beforeAll(async () => {
  code = await openCode()
}, 60_000)
afterAll(() => code?.scene[Symbol.asyncDispose]())

const ask = (path: string, project: number | string = code.project) =>
  code.scene.api.call('GET', `/projects/${project}/repository${path}`)

const paths = (body: readonly { new_path: string }[]): string[] => body.map(({ new_path }) => new_path)

const titles = (commits: readonly { title: string }[]): string[] => commits.map(({ title }) => title)

describe('the diff of a commit', () => {
  test('in full', async () => {
    const { status, body } = await ask(`/commits/${code.ids.second}/diff`)
    expect([status, body]).toEqual([
      200,
      [
        {
          diff: '@@ -1 +1,3 @@\n # One\n+two\n+three\n',
          collapsed: false,
          too_large: false,
          new_path: 'README.md',
          old_path: 'README.md',
          a_mode: '100644',
          b_mode: '100644',
          new_file: false,
          renamed_file: false,
          deleted_file: false,
          generated_file: false,
        },
      ],
    ])
  })

  test('of a first one, in pages', async () => {
    const { body, headers } = await ask(`/commits/${code.ids.first}/diff?per_page=2`)
    expect([headers.get('x-total'), headers.get('x-next-page')]).toEqual(['5', '2'])
    expect(paths(body)).toEqual(['README.md', 'data.bin'])
    expect(body[1]).toMatchObject({ new_file: true, a_mode: '0', diff: 'Binary files /dev/null and b/data.bin differ\n' })
    expect(paths((await ask(`/commits/${code.ids.first}/diff?per_page=2&page=2`)).body)).toEqual([
      'lib/deep/file.txt',
      'lib/näh me.txt',
    ])
  })

  test('of a merge, against its first parent', async () => {
    expect(paths((await ask('/commits/main/diff')).body)).toEqual(['side.txt'])
  })

  test('with the lines that name the file', async () => {
    const { body } = await ask('/commits/main/diff?unidiff=true')
    expect(body[0].diff).toBe('--- /dev/null\n+++ b/side.txt\n@@ -0,0 +1 @@\n+side\n')
    expect((await ask(`/commits/${code.ids.first}/diff?unidiff=true`)).body[1].diff).toMatch(/^Binary files/)
  })

  test.each([
    ['/commits/none/diff', 404, { message: '404 Commit Not Found' }],
    ['/commits/main~1/diff', 404, { message: '404 Commit Not Found' }],
    ['/commits/main/diff?unidiff=perhaps', 400, { error: 'unidiff is invalid' }],
  ])('%s: %i', async (path, status, body) => {
    const answer = await ask(path)
    expect([answer.status, answer.body]).toEqual([status, body])
  })
})

describe('a comparison', () => {
  test('shows what one has since they parted', async () => {
    const { ids } = code
    const { status, body } = await ask(`/compare?from=feature/side&to=${ids.third}`)
    expect(status).toBe(200)
    expect(titles(body.commits)).toEqual(['second', 'third'])
    expect(body).toMatchObject({ commit: { id: ids.third }, compare_timeout: false, compare_same_ref: false })
    expect(paths(body.diffs)).toEqual(['README.md'])
    expect(body.web_url).toMatch(new RegExp(`/castle/code/-/compare/${ids.first}\\.\\.\\.${ids.third}$`))
  })

  test('shows both sides where it is straight', async () => {
    const { body } = await ask(`/compare?from=feature/side&to=${code.ids.third}&straight=true`)
    expect(paths(body.diffs)).toEqual(['README.md', 'side.txt'])
    expect(body.diffs[1]).toMatchObject({ deleted_file: true, b_mode: '0' })
    expect(titles(body.commits)).toEqual(['second', 'third'])
  })

  test('of tags, and of the same', async () => {
    expect(titles((await ask('/compare?from=v1.9.0&to=v1.10.0')).body.commits)).toEqual(['second'])
    const { body } = await ask('/compare?from=main&to=same')
    expect(body).toMatchObject({ commit: null, commits: [], diffs: [], compare_same_ref: true })
    expect((await ask('/compare?from=main&to=light')).body).toMatchObject({ commit: null, commits: [], diffs: [] })
  })

  test('of histories that have nothing in common', async () => {
    const { scene, directory, url } = code
    const git = (...words: string[]) => scene.client.git(words, { cwd: directory })
    await git('checkout', '-q', '--orphan', 'other')
    await git('rm', '-rfq', '--cached', '.')
    await git('commit', '-q', '--allow-empty', '-m', 'other')
    expect((await git('push', '-q', url, 'other')).code).toBe(0)
    const { status, body } = await ask('/compare?from=main&to=other')
    expect([status, titles(body.commits), body.diffs]).toEqual([200, ['other'], []])
    expect((await ask('/compare?from=other&to=light')).body.diffs).toHaveLength(5)
  })

  test.each([
    ['?from=main', 400, { error: 'to is missing' }],
    ['?from=main&to=', 400, { error: 'to is empty' }],
    ['?from=main&to=none', 404, { message: '404 Ref Not Found' }],
    ['?from=none&to=main', 404, { message: '404 Ref Not Found' }],
    ['?from=main&to=--output=x', 404, { message: '404 Ref Not Found' }],
    ['?from=main&to=main^', 404, { message: '404 Ref Not Found' }],
    ['?from=main&to=main&straight=perhaps', 400, { error: 'straight is invalid' }],
  ])('%s: %i', async (query, status, body) => {
    const answer = await ask(`/compare${query}`)
    expect([answer.status, answer.body]).toEqual([status, body])
  })

  test('is with the project itself alone', async () => {
    expect((await ask(`/compare?from=main&to=main&from_project_id=${code.project}`)).status).toBe(200)
    expect(await ask(`/compare?from=main&to=main&from_project_id=${code.empty}`)).toMatchObject({
      status: 400,
      body: { message: `Target project id:${code.empty} is not a fork of project id:${code.project}` },
    })
  })

  test('of an empty project finds no ref', async () => {
    expect(await ask('/compare?from=main&to=main', code.empty)).toMatchObject({
      status: 404,
      body: { message: '404 Ref Not Found' },
    })
  })
})
