/**
 * The kernel makes the disk that holds the home read-only, as it does after a fault. Reads go on, what would be written
 * is refused with a clear word, and a server that starts on such a disk says in one line why it does not.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mayMakeFileSystem, SmallDisk } from '../faults/small-disk.ts'
import { Api } from '../support/api.ts'
import { Client } from '../support/client.ts'
import { launch, rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'

const clear = /^503 Service Unavailable - The disk of the server (?:cannot be written to|does not work)\. Try again later\.$/

const refused = async (home: string): Promise<{ code: number | null; said: string }> => {
  const child = launch(home)
  const said: Buffer[] = []
  child.stderr?.on('data', (bytes: Buffer) => said.push(bytes))
  const [code] = await once(child, 'close')
  return { code, said: Buffer.concat(said).toString() }
}

/** Stops in the end, and leaves the home alone: nothing can be removed from it. */
const started = async (home: string): Promise<Sallyport & AsyncDisposable> => {
  const server = await startSallyport({ home, env: { SALLYPORT_BAN: '3/60/60', SALLYPORT_BAN_EXEMPT: '' } })
  return { ...server, [Symbol.asyncDispose]: async () => void (await server.stop()) }
}

const late = async (api: Api, path: string, body: object): Promise<void> => {
  const answer = await api.call('POST', path, body)
  expect([path, answer.status, answer.body.message]).toEqual([path, 503, expect.stringMatching(clear)])
}

test.skipIf(!mayMakeFileSystem)('a disk that became read-only is read', async () => {
  await using disk = await SmallDisk.makeFileSystem(24)
  const home = join(disk.directory, 'home')
  await using server = await started(home)
  await using client = await Client.make(server)
  const api = new Api(server.http)
  const { id } = await api.make('POST', '/projects', { name: 'kept' })
  const url = client.url('root/kept', 'root', rootToken)
  const directory = await client.repository('work')
  const { file: key, line } = await client.key('pusher')
  await api.make('POST', '/user/keys', { title: 'pusher', key: line })
  const push = (ref: string, address = url) =>
    client.git(['push', '-q', address, `HEAD:refs/heads/${ref}`], { cwd: directory, key })
  expect(await push('main')).toMatchObject({ code: 0 })
  await disk.becomeReadOnly()
  await client.commit(directory, 'late')
  for (const address of [url, client.sshUrl('root/kept')]) {
    expect(await push('late', address)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Read-only file system|unable to (?:write|create)/),
    })
  }
  await late(api, '/projects', { name: 'late' })
  await late(api, `/projects/${id}/repository/branches`, { branch: 'late', ref: 'main' })
  await late(api, '/users/1/personal_access_tokens', { name: 'late', scopes: ['api'] })
  expect((await api.call('GET', `/projects/${id}`)).status).toBe(200)
  expect((await client.git(['clone', '-q', url, 'copy'])).code).toBe(0)
  const tries = []
  for (let at = 0; at < 4; at += 1) tries.push((await client.git(['ls-remote', client.url('root/kept', 'root', 'wrong')])).stderr)
  expect(tries.map((said) => /Access denied|403/.exec(said)?.[0])).toEqual([...Array(3).fill('Access denied'), '403'])
  await server.stop()
  const { code, said } = await refused(home)
  expect([code, said]).toEqual([
    2,
    expect.stringMatching(/^sallyport: [^\n]*cannot be used[^\n]*EROFS: read-only file system[^\n]*\n$/),
  ])
})
