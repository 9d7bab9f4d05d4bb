/**
 * The disk that holds the home runs full while the server works. What cannot be kept is refused with a clear word and
 * leaves nothing; whoever reads, or shows a wrong credential, notices nothing; with room again all works as before.
 */
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { launch, rootToken, startSallyport } from '../support/sallyport.ts'
import { mayMount, SmallDisk } from './small-disk.ts'

const knock = (http: string, secret: string): Promise<Response> =>
  fetch(`${http}/root/kept.git/info/refs?service=git-upload-pack`, {
    headers: { Authorization: `Basic ${Buffer.from(`root:${secret}`).toString('base64')}` },
  })

const refused = async (home: string): Promise<[number | null, string]> => {
  const child = launch(home)
  const said: Buffer[] = []
  child.stderr?.on('data', (bytes: Buffer) => said.push(bytes))
  const [code] = await once(child, 'close')
  return [code, Buffer.concat(said).toString()]
}

const full = 'The disk of the server is full. Try again later.'

test.skipIf(!mayMount)('a full disk takes nothing, loses nothing and keeps no reader waiting', { timeout: 120_000 }, async () => {
  await using disk = await SmallDisk.make(24)
  await using server = await startSallyport({
    home: join(disk.directory, 'home'),
    env: { SALLYPORT_BAN: '3/60/60', SALLYPORT_BAN_EXEMPT: '' },
  })
  await using client = await Client.make(server)
  const api = new Api(server.http)
  const project = await api.make('POST', '/projects', { name: 'kept' })
  const settings = { throttle_authenticated_api_enabled: true, throttle_authenticated_api_requests_per_period: 1_000 }
  await api.make('PUT', '/application/settings', settings)
  const url = client.url('root/kept', 'root', rootToken)
  const directory = await client.repository('work')
  const pushed = (ref: string) => client.git(['push', '-q', url, `HEAD:refs/heads/${ref}`], { cwd: directory })
  const { file: key, line } = await client.key('pusher')
  await api.make('POST', '/user/keys', { title: 'pusher', key: line })
  const pushedOverSsh = (ref: string) =>
    client.git(['push', '-q', client.sshUrl('root/kept'), `HEAD:refs/heads/${ref}`], { cwd: directory, key })
  expect(await pushed('main')).toMatchObject({ code: 0 })
  const born = await api.make('POST', '/users/1/personal_access_tokens', { name: 'before', scopes: ['api'] })
  disk.fill()

  await client.commit(directory, 'too much')
  for (const push of [await pushed('more'), await pushedOverSsh('more')]) {
    expect(push.code).not.toBe(0)
    expect(push.stderr).toMatch(/No space left on device|unable to (?:write|create)|disk of the server is full/)
  }
  for (const [method, path, body] of [
    ['POST', '/projects', { name: 'late' }],
    ['POST', '/users/1/personal_access_tokens', { name: 'late', scopes: ['api'] }],
    ['POST', `/projects/${project.id}/repository/branches?branch=late&ref=main`, undefined],
    ['POST', `/projects/${project.id}/repository/tags`, { tag_name: 'late', ref: 'main', message: 'x'.repeat(9_000) }],
    ['DELETE', `/personal_access_tokens/${born.id}`, undefined],
  ] as const) {
    const { status, body: said, headers } = await api.call(method, path, body)
    expect([path, status, said.message, headers.get('retry-after')]).toEqual([
      path,
      503,
      `503 Service Unavailable - ${full}`,
      '30',
    ])
  }
  expect((await api.call('GET', `/projects/${project.id}`)).status).toBe(200)
  expect((await client.git(['clone', '-q', url, 'copy'])).code).toBe(0)
  expect((await client.git(['clone', '-q', client.sshUrl('root/kept'), 'copy-over-ssh'], { key })).code).toBe(0)
  expect((await fetch(`${server.http}/-/health`)).status).toBe(200)
  // The third one is banned, though the file that counts them cannot be written.
  const tries = []
  for (let at = 0; at < 4; at += 1) tries.push((await knock(server.http, 'glpat-wrongwrongwrongwrong0')).status)
  expect(tries).toEqual([401, 401, 401, 403])

  expect(await refused(join(disk.directory, 'other'))).toEqual([
    2,
    expect.stringMatching(/^sallyport: [^\n]*cannot be used[^\n]*\n$/),
  ])

  disk.free()
  const made = await api.make('POST', '/projects', { name: 'late' })
  expect(made.id).toBeGreaterThan(project.id)
  expect((await api.call('DELETE', `/personal_access_tokens/${born.id}`)).status).toBe(204)
  expect((await api.call('GET', '/projects?search=late')).body).toHaveLength(1)
  await server.stop()
  await using again = await startSallyport({ home: server.home })
  await using other = await Client.make(again)
  expect(
    await other.git(['push', '-q', other.url('root/kept', 'root', rootToken), 'HEAD:refs/heads/more'], { cwd: directory }),
  ).toMatchObject({ code: 0 })
  const repository = join(server.home, 'repos', '01', '1.git')
  expect((await other.git(['fsck', '--full', '--strict'], { cwd: repository })).code).toBe(0)
  expect(readdirSync(join(server.home, 'repos', 'aside'))).toEqual([])
  expect(readdirSync(join(repository, 'objects')).filter((name) => name.startsWith('tmp_'))).toEqual([])
})
