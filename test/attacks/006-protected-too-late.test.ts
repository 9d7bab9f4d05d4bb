/**
 * The attack: a Developer begins to push to a branch that is not protected, and sends the pack slowly. The branch is
 * protected meanwhile. The push is still judged by what held when it began, and rewrites the protected branch.
 * What was believed: a push under way is fine for as long as its maker may push to the project.
 * What holds: a push under way is asked about with its own ref updates. It is cut off where they would be declined, or
 * where git would have to check more than it was told when it was started.
 */
import { type ClientRequest, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { rootToken } from '../support/sallyport.ts'
import { packOf, pushBody, zeroId } from './raw-push.ts'

let scene: Scene
let directory: string
let tip: string

beforeAll(async () => {
  scene = await Scene.open()
  directory = await scene.client.repository('attacker')
  tip = await scene.client.commit(directory, 'planted')
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const refOf = async (branch: string): Promise<string | undefined> => {
  const url = scene.client.url('castle/private', 'root', rootToken)
  const { stdout } = await scene.client.git(['ls-remote', url, `refs/heads/${branch}`])
  return stdout.split('\t')[0] || undefined
}

interface Slow {
  readonly sending: ClientRequest
  readonly rest: Buffer
  readonly closed: Promise<unknown>
}

/** Sends all of a push but the last bytes of its pack. */
const begin = async (oldId: string, branch: string, who: string): Promise<Slow> => {
  const body = pushBody([`${oldId} ${tip} refs/heads/${branch}`], await packOf(directory, tip))
  const sending = request(`${scene.server.http}/castle/private.git/git-receive-pack`, {
    method: 'POST',
    agent: false,
    headers: {
      Authorization: `Basic ${Buffer.from(`x:${scene.who(who).token}`).toString('base64')}`,
      'Content-Type': 'application/x-git-receive-pack-request',
      'Content-Length': body.length,
    },
  })
  sending.on('error', () => {})
  const closed = new Promise((resolve) => sending.on('close', resolve))
  const cut = body.length - 30
  await new Promise((resolve) => sending.write(body.subarray(0, cut), resolve))
  return { sending, rest: body.subarray(cut), closed }
}

const protect = (branch: string, fields: Record<string, unknown>) =>
  scene.api.make('POST', `/projects/${scene.id('private')}/protected_branches`, { name: branch, ...fields })

/** Until it is looked at once the push goes on, and only then something changes. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 600))

test('a branch that stays free takes the push, however slow', async () => {
  const { sending, rest, closed } = await begin(zeroId, 'free', 'developer')
  await aWhile()
  await protect('another', { push_access_level: 40 })
  await aWhile()
  sending.end(rest)
  await closed
  expect(await refOf('free')).toBe(tip)
})

test('a branch that is protected against the pusher meanwhile does not', async () => {
  const { sending, closed } = await begin(zeroId, 'planted', 'developer')
  await aWhile()
  await protect('planted', { push_access_level: 40 })
  await closed
  sending.destroy()
  expect(await refOf('planted')).toBe(undefined)
})

test('nor does one whose pusher may still push, but not by force any more', async () => {
  const url = scene.client.url('castle/private', 'root', rootToken)
  const held = await scene.client.commit(await scene.client.repository('honest'), 'held')
  await scene.client.git(['push', '-q', url, `${held}:refs/heads/held`], { cwd: `${scene.client.directory}/honest` })
  const { sending, closed } = await begin(held, 'held', 'developer')
  await aWhile()
  await protect('held', { push_access_level: 30, allow_force_push: false })
  await closed
  sending.destroy()
  expect(await refOf('held')).toBe(held)
})
