import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'

let scene: Scene
let directory: string

beforeAll(async () => {
  scene = await Scene.open({ env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/spawn-spy.js')}` } })
  directory = await scene.client.repository('work')
  await scene.client.git(['fetch', '-q', scene.client.url('castle/private', 'root', rootToken), 'main'], { cwd: directory })
  await scene.client.git(['checkout', '-q', '-B', 'ahead', 'FETCH_HEAD'], { cwd: directory })
  await scene.client.commit(directory, 'ahead')
  // What git can do is asked once; from then on refs are shown without it.
  await scene.client.git(['push', '--dry-run', scene.client.url('castle/private', 'root', rootToken), 'ahead'], {
    cwd: directory,
  })
})

afterAll(() => scene?.[Symbol.asyncDispose]())

/** What was started while `work` ran: the subcommands of git, each once. */
const startedBy = async (work: () => Promise<unknown>): Promise<string[]> => {
  const before = scene.server.log.length
  await work()
  await scene.server.settled()
  const lines = scene.server.log.slice(before).filter((line) => line['spawned'] !== undefined)
  return lines.map(
    (line) =>
      (line['arguments'] as string[]).find((word) => /^(upload|receive)-(pack|archive)$/.test(word)) ?? String(line['spawned']),
  )
}

const post = (service: string, body: string, token?: string) =>
  fetch(`${scene.server.http}/castle/private.git/git-${service}`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': `application/x-git-${service}-request`,
      ...(token !== undefined && { Authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` }),
    },
  })

test('the spy sees what is admitted', async () => {
  expect(await startedBy(() => scene.infoRefs('castle/public', 'upload-pack').then((answer) => answer.text()))).toContain(
    'upload-pack',
  )
})

test.each(['upload-pack', 'receive-pack'])(
  'POST git-%s without credentials is refused, and starts nothing (the hole of node-git-server 1.0.0)',
  async (service) => {
    const started = await startedBy(async () => {
      const answer = await post(service, '0000')
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="GitLab"'])
      await answer.text()
    })
    expect(started).toEqual([])
  },
)

test('what was admitted on info/refs is asked again on the POST', async () => {
  const { token, id } = await scene.token(scene.who('developer').id, ['write_repository'])
  const first = await scene.infoRefs('castle/private', 'receive-pack', { login: 'x', secret: token })
  await first.text()
  expect(first.status).toBe(200)
  await scene.api.make('DELETE', `/personal_access_tokens/${id}`)
  const started = await startedBy(async () => {
    const answer = await post('receive-pack', '0000', token)
    await answer.text()
    expect(answer.status).toBe(401)
  })
  expect(started).toEqual([])
})

test('no refused fetch or push starts a process, over either door', async () => {
  const { client } = scene
  const started = await startedBy(async () => {
    for (const who of ['guest', 'stranger', 'external']) {
      const { token, key } = scene.who(who)
      await client.git(['clone', client.url('castle/private', 'x', token), `refused-${who}`])
      await client.git(['clone', client.sshUrl('castle/private'), `refused-ssh-${who}`], { key })
      await client.git(['push', client.url('castle/private', 'x', token), 'HEAD:x'], { cwd: directory })
      await client.git(['push', client.sshUrl('castle/private'), 'HEAD:x'], { cwd: directory, key })
    }
    await client.git(['clone', client.url('castle/private', 'x', 'glpat-not-a-token-at-all'), 'refused'])
    await client.ssh(scene.who('stranger').key, ['git-upload-archive castle/private.git'])
    await client.ssh(scene.who('developer').key, ['rm -rf /'])
  })
  expect(started).toEqual([])
})

test('a push that is declined without asking git starts nothing', async () => {
  const { client } = scene
  const { token, key } = scene.who('developer')
  const refspecs = ['HEAD:refs/heads/fine', ':main']
  const overHttp = await startedBy(async () => {
    const { stderr } = await client.git(['push', client.url('castle/private', 'x', token), ...refspecs], { cwd: directory })
    expect(stderr).toContain('The default branch of a project cannot be deleted.')
  })
  const overSsh = await startedBy(async () => {
    const { stderr } = await client.git(['push', client.sshUrl('castle/private'), ...refspecs], { cwd: directory, key })
    expect(stderr).toContain('The default branch of a project cannot be deleted.')
  })
  expect([overHttp, overSsh]).toEqual([[], []])
})

test('only the question of force starts git before a push is admitted: in quarantine, where nothing lands', async () => {
  const { client } = scene
  const { token, key } = scene.who('developer')
  const before = await client.git(['ls-remote', client.url('castle/private', 'root', rootToken)])
  for (const url of [client.url('castle/private', 'x', token), client.sshUrl('castle/private')]) {
    const started = await startedBy(async () => {
      const { stderr } = await client.git(['push', url, 'ahead:main', 'ahead:other'], { cwd: directory, key })
      expect(stderr).toContain('You are not allowed to push code to protected branches on this project.')
    })
    expect(started).toEqual(['receive-pack'])
  }
  expect((await client.git(['ls-remote', client.url('castle/private', 'root', rootToken)])).stdout).toBe(before.stdout)
})
