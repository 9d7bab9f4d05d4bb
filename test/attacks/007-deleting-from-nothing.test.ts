/**
 * The attack: a Developer, who may not delete a protected branch, sends a command whose old and new id are both zero.
 * What was believed: an old id of zero means that the branch is made, so the rules for making one are asked.
 * What git does: an old id of zero is no condition at all ("allowing deletion of corrupt ref"), and the branch is gone.
 * What holds: such a command is malformed and never reaches git; were it judged, it would be judged as a deletion.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { branchRule, judge, push, role } from '../access/case.ts'
import { Scene } from '../journeys/scene.ts'
import { rootToken } from '../support/sallyport.ts'
import { packOf, postPush, pushBody, zeroId } from './raw-push.ts'

let scene: Scene
let directory: string
let tip: string

beforeAll(async () => {
  scene = await Scene.open()
  directory = await scene.client.repository('attacker')
  tip = await scene.client.commit(directory, 'release')
  const url = scene.client.url('castle/private', 'root', rootToken)
  await scene.client.git(['push', '-q', '-f', url, `${tip}:refs/heads/release`, `${tip}:refs/heads/topic`], { cwd: directory })
  const rule = { name: 'release', push_access_level: 30, merge_access_level: 30 }
  await scene.api.make('POST', `/projects/${scene.id('private')}/protected_branches`, rule)
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const heads = async (): Promise<string> =>
  (await scene.client.git(['ls-remote', '--heads', scene.client.url('castle/private', 'root', rootToken)])).stdout

const send = async (commands: readonly string[], pack: Buffer = Buffer.alloc(0)): Promise<[number, string]> => {
  const authorization = `Basic ${Buffer.from(`x:${scene.who('developer').token}`).toString('base64')}`
  const response = await postPush(`${scene.server.http}/castle/private.git`, pushBody(commands, pack), authorization)
  return [response.status, await response.text()]
}

test('the protected branch is there, and a deletion that is called one is declined', async () => {
  expect(await heads()).toContain('refs/heads/release')
  expect((await send([`${tip} ${zeroId} refs/heads/release`]))[1]).toContain('You are not allowed to delete protected branches')
})

test.each(['refs/heads/release', 'refs/heads/main', 'refs/heads/topic'])('%s is not deleted from zero to zero', async (ref) => {
  const before = await heads()
  expect(await send([`${zeroId} ${zeroId} ${ref}`])).toEqual([400, expect.stringContaining('a command of the push does nothing')])
  expect(await heads()).toBe(before)
})

test('nor behind a command that is honest', async () => {
  const before = await heads()
  const commands = [`${zeroId} ${tip} refs/heads/new`, `${zeroId} ${zeroId} refs/heads/release`]
  expect((await send(commands, await packOf(directory, tip)))[0]).toBe(400)
  expect(await heads()).toBe(before)
})

test('the rules by themselves call it a deletion', () => {
  const nothing = push({ ref: 'refs/heads/release', oldId: zeroId, newId: zeroId })
  const rules = { rules: [branchRule('release', [role('push', 30)])] }
  expect(judge({ is: '', role: 30, facts: rules, action: nothing, gives: '' })).toBe('branch_deletion_denied')
})
