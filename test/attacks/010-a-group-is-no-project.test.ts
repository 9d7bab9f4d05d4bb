/**
 * The attack: the Owner of a group pushes to the path of a group inside it, where no project is and none can be.
 * What was believed: a path without a project is one where a project can be made. Making it then failed, and the door
 * answered with a fault: 500, and an alarm in the log, for whoever likes to ring it.
 * What holds: a path that a group or user has is taken, and answers like one where nothing is.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open()
  await scene.api.make('POST', '/groups', { name: 'sub', path: 'sub', parent_id: scene.groupId })
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const sentence = "The project you were looking for could not be found or you don't have permission to view it."

test.each(['castle/sub', 'CASTLE/SUB'])('a push to the group %s finds no project', async (path) => {
  const owner = scene.who('owner')
  for (const service of ['receive-pack', 'upload-pack']) {
    const answer = await scene.infoRefs(path, service, { login: 'owner', secret: owner.token })
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining(sentence)])
  }
  const directory = await scene.client.repository(`work-${path.replace('/', '-')}`)
  const pushed = await scene.client.git(['push', scene.client.sshUrl(path), 'main'], { cwd: directory, key: owner.key })
  expect(pushed).toMatchObject({ code: 128, stderr: expect.stringContaining(sentence) })
  await scene.server.settled()
  expect(scene.server.log.filter((line) => line['msg'] === 'fault' || Number(line['level']) >= 50)).toEqual([])
})

test('beside it a project is still made by a push', async () => {
  const owner = scene.who('owner')
  const answer = await scene.infoRefs('castle/beside', 'receive-pack', { login: 'owner', secret: owner.token })
  expect(answer.status).toBe(200)
})
