/**
 * The attack: node-git-server 1.0.0 asks for a credential on `GET info/refs` only. A client that skips it and sends
 * `POST git-receive-pack` straight away, with commands and pack, writes to any repository; `POST git-upload-pack` reads.
 * What was believed: clients always begin with `info/refs`, so checking there is enough.
 * What holds: each request is authenticated and decided by itself, and git is not started for one that was not.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { run } from '../support/client.ts'
import { rootToken } from '../support/sallyport.ts'
import { packOf, postPush, pushBody, zeroId } from './raw-push.ts'

let scene: Scene
let directory: string
let tip: string

beforeAll(async () => {
  scene = await Scene.open()
  directory = await scene.client.repository('attacker')
  tip = await scene.client.commit(directory, 'planted')
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const refs = async () => (await scene.client.git(['ls-remote', scene.client.url('castle/public', 'root', rootToken)])).stdout

test.each([undefined, 'Basic Og==', 'Basic !!!', 'Bearer', 'Basic', 'Negotiate abc'])(
  'a whole push with authorization %j changes nothing',
  async (authorization) => {
    const before = await refs()
    const body = pushBody([`${zeroId} ${tip} refs/heads/planted`], await packOf(directory, tip))
    const answer = await postPush(`${scene.server.http}/castle/public.git`, body, authorization)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="GitLab"'])
    expect(await refs()).toBe(before)
  },
)

test('a fetch of a private project by its object ids is refused', async () => {
  const ids = await run('git', ['ls-remote', scene.client.url('castle/private', 'root', rootToken)], {
    env: { HOME: scene.client.directory },
  })
  const [id] = ids.stdout.split('\t')
  const answer = await fetch(`${scene.server.http}/castle/private.git/git-upload-pack`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-git-upload-pack-request', 'Git-Protocol': 'version=2' },
    body: `0011command=fetch0001${'0032'}want ${id}\n0009done\n0000`,
  })
  expect(answer.status).toBe(401)
  expect(await answer.text()).not.toContain('PACK')
})
