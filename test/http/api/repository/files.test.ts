import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asksAbout, binary, type Coded, openCode } from './code-scene.ts'

let code: Coded

beforeAll(async () => {
  code = await openCode()
}, 60_000)

afterAll(() => code?.scene[Symbol.asyncDispose]())

const { ask, fetchRaw } = asksAbout(() => code)

describe('trees', () => {
  const paths = async (query: string): Promise<string[]> =>
    (await ask(`/tree${query}`)).body.map(({ path }: { path: string }) => path)

  test.each([
    ['', ['lib', 'README.md', 'data.bin', 'run.sh', 'side.txt']],
    ['?ref=light', ['lib', 'README.md', 'data.bin', 'run.sh']],
    ['?path=lib', ['lib/deep', 'lib/näh me.txt']],
    ['?path=/lib/deep/', ['lib/deep/file.txt']],
    [
      '?recursive=true',
      ['lib', 'lib/deep', 'README.md', 'data.bin', 'lib/deep/file.txt', 'lib/näh me.txt', 'run.sh', 'side.txt'],
    ],
    ['?recursive=true&per_page=3&page=2', ['data.bin', 'lib/deep/file.txt', 'lib/näh me.txt']],
    ['?recursive=true&per_page=3&page=3', ['run.sh', 'side.txt']],
    ['?recursive=true&pagination=keyset&per_page=2&page_token=lib', ['lib/deep', 'README.md']],
    ['?recursive=true&pagination=keyset&per_page=2&page_token=run.sh', ['side.txt']],
    [
      '?recursive=true&pagination=none',
      ['lib', 'lib/deep', 'README.md', 'data.bin', 'lib/deep/file.txt', 'lib/näh me.txt', 'run.sh', 'side.txt'],
    ],
  ])('%s', async (query, said) => expect(await paths(query)).toEqual(said))

  test('an entry', async () => {
    const { body, headers } = await ask('/tree?per_page=1')
    expect(body).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{40}$/), name: 'lib', type: 'tree', path: 'lib', mode: '040000' },
    ])
    expect(headers.get('x-total')).toBe('5')
  })

  test('walked by key to its end', async () => {
    const found: string[] = []
    let next = '/tree?recursive=true&pagination=keyset&per_page=3'
    for (let page = 0; page < 5 && next !== ''; page += 1) {
      const { body, headers } = await ask(next)
      found.push(...body.map(({ path }: { path: string }) => path))
      next = /repository([^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? ''
    }
    expect(found).toEqual(await paths('?recursive=true'))
  })

  test.each([
    ['?ref=none', 404, { message: '404 Tree Not Found' }],
    ['?path=none', 404, { message: '404 invalid revision or path Not Found' }],
    ['?path=README.md', 404, { message: '404 invalid revision or path Not Found' }],
    ['?path=../..', 404, { message: '404 invalid revision or path Not Found' }],
    ['?path=:(top)lib', 404, { message: '404 invalid revision or path Not Found' }],
    ['?pagination=none', 400, { error: 'pagination cannot be "none" unless "recursive" is true' }],
  ])('%s: %i', async (query, status, body) => {
    const answer = await ask(`/tree${query}`)
    expect([answer.status, answer.body]).toEqual([status, body])
  })

  test('a page that is too far', async () => {
    expect((await ask('/tree?page=1000000')).status).toBe(405)
  })
})

describe('files', () => {
  test('in JSON, with headers that say the same', async () => {
    const { body, headers } = await ask('/files/README.md?ref=main')
    expect(body).toMatchObject({
      file_name: 'README.md',
      file_path: 'README.md',
      size: 16,
      encoding: 'base64',
      content: Buffer.from('# One\ntwo\nthree\n').toString('base64'),
      content_sha256: createHash('sha256').update('# One\ntwo\nthree\n').digest('hex'),
      ref: 'main',
      commit_id: code.ids.top,
      last_commit_id: code.ids.second,
      execute_filemode: false,
    })
    expect(headers.get('x-gitlab-blob-id')).toBe(body.blob_id)
    expect((await ask('/files/run.sh?ref=main')).body.execute_filemode).toBe(true)
  })

  test('raw, text and not, and over HEAD', async () => {
    const text = await fetchRaw('/files/README.md/raw')
    expect([await text.text(), text.headers.get('content-type')]).toEqual(['# One\ntwo\nthree\n', 'text/plain; charset=utf-8'])
    expect(text.headers.get('content-disposition')).toBe(`inline; filename="README.md"; filename*=UTF-8''README.md`)
    expect(text.headers.get('x-gitlab-ref')).toBe('HEAD')
    const bytes = await fetchRaw('/files/data.bin/raw?ref=light')
    expect(Buffer.from(await bytes.arrayBuffer())).toEqual(binary)
    expect(bytes.headers.get('content-type')).toBe('application/octet-stream')
    const head = await fetchRaw('/files/data.bin/raw?ref=light', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '300', ''])
    expect((await fetchRaw('/files/README.md?ref=main', { method: 'HEAD' })).headers.get('x-gitlab-size')).toBe('16')
  })

  test('with a name that is not plain', async () => {
    const named = await fetchRaw(`/files/${encodeURIComponent('lib/näh me.txt')}/raw`)
    expect(await named.text()).toBe('named\n')
    expect(named.headers.get('content-disposition')).toBe(`inline; filename="n_h me.txt"; filename*=UTF-8''n%C3%A4h%20me.txt`)
  })

  test('by a token that may only read repositories, which reads nothing else', async () => {
    const { token } = await code.scene.token(code.scene.who('reporter').id, ['read_repository'])
    expect((await fetchRaw('/files/README.md/raw', {}, token)).status).toBe(200)
    expect((await ask('/files/README.md?ref=main', code.project, token)).status).toBe(200)
    expect((await ask('/branches', code.project, token)).body.error).toBe('insufficient_scope')
  })

  test.each([
    ['/files/none?ref=main', 404, { message: '404 File Not Found' }],
    ['/files/lib?ref=main', 404, { message: '404 File Not Found' }],
    ['/files/README.md?ref=none', 404, { message: '404 Commit Not Found' }],
    ['/files/README.md', 400, { error: 'ref is missing' }],
    ['/files/..%2F..%2Fetc%2Fpasswd?ref=main', 400, { error: 'file_path should be a valid file path' }],
    ['/files/a%0Ab?ref=main', 400, { error: 'file_path should be a valid file path' }],
    ['/files/lib%2Flib.rb/blame?ref=main', 404, { error: '404 Not Found' }],
  ])('%s: %i', async (path, status, body) => {
    const answer = await ask(path)
    expect([answer.status, answer.body]).toEqual([status, body])
  })

  test('too large for JSON, raw all the same', async () => {
    const { client } = code.scene
    const zeros = Buffer.alloc(11 * 2 ** 20)
    await writeFile(join(code.directory, 'large'), zeros)
    for (const words of [
      ['checkout', '-qb', 'large'],
      ['add', 'large'],
      ['commit', '-qm', 'large'],
      ['push', '-q', code.url, 'large'],
    ]) {
      await client.git(words, { cwd: code.directory })
    }
    const refused = await ask('/files/large?ref=large')
    expect([refused.status, refused.body.message]).toEqual([413, expect.stringContaining('Ask for it raw.')])
    const raw = await fetchRaw('/files/large/raw?ref=large')
    expect(Buffer.compare(Buffer.from(await raw.arrayBuffer()), zeros)).toBe(0)
    expect(raw.headers.get('x-gitlab-content-sha256')).toBe(createHash('sha256').update(zeros).digest('hex'))
    await client.git(['push', '-q', code.url, ':large'], { cwd: code.directory })
  })

  test('blobs', async () => {
    const { blob_id: id } = (await ask('/files/data.bin?ref=main')).body
    expect((await ask(`/blobs/${id}`)).body).toEqual({
      size: 300,
      encoding: 'base64',
      content: binary.toString('base64'),
      sha: id,
    })
    expect(Buffer.from(await (await fetchRaw(`/blobs/${id}/raw`)).arrayBuffer())).toEqual(binary)
    expect((await ask('/blobs/abcd9876')).body).toEqual({ message: '404 Blob Not Found' })
    expect((await ask(`/blobs/${code.ids.top}`)).status).toBe(404)
  })
})

describe('merge base', () => {
  test('of branches and commits', async () => {
    expect((await ask(`/merge_base?refs[]=feature/side&refs[]=${code.ids.third}`)).body.id).toBe(code.ids.first)
    expect((await ask('/merge_base?refs[]=main&refs[]=same')).body.id).toBe(code.ids.top)
  })

  test.each([
    ['?refs[]=main', 400, { message: 'Provide at least 2 refs' }],
    ['?refs[]=main&refs[]=x', 400, { message: 'Could not find ref: x' }],
    ['?refs[]=y&refs[]=x', 400, { message: 'Could not find refs: y, x' }],
    ['', 400, { error: 'refs is missing' }],
  ])('%s: %i', async (query, status, body) => {
    const answer = await ask(`/merge_base${query}`)
    expect([answer.status, answer.body]).toEqual([status, body])
  })
})
