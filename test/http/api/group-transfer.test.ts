import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const ask = <Body = { id: number; full_path: string; message: unknown }>(
  who: Who,
  method: string,
  path: string,
  json?: unknown,
) => world.ask<Body>(method, path, { token: world.token(who), ...(json !== undefined && { json }) })

const makeGroup = async (path: string, fields: Record<string, unknown> = {}, who: Who = 'owner'): Promise<number> => {
  const reply = await ask(who, 'POST', '/groups', { name: path, path, ...fields })
  expect(reply.status).toBe(201)
  return reply.body.id
}

describe('a group', () => {
  test('moves with all that stands in it, and old paths lead on', async () => {
    const target = await makeGroup('target', { visibility: 'internal' })
    const top = await makeGroup('wanderer', { visibility: 'public' })
    const inner = await makeGroup('inner', { parent_id: top, visibility: 'public' })
    const project = await world.project('thing', { namespace_id: inner, visibility: 'public' }, 'owner')
    expect(await ask('owner', 'POST', `/groups/${top}/transfer`, { group_id: target })).toMatchObject({
      status: 201,
      body: { id: top, full_path: 'target/wanderer', parent_id: target, visibility: 'internal' },
    })
    expect(await ask('owner', 'GET', `/projects/${project}`)).toMatchObject({
      body: { path_with_namespace: 'target/wanderer/inner/thing', visibility: 'internal' },
    })
    expect((await ask('owner', 'GET', '/projects/wanderer%2Finner%2Fthing')).status).toBe(301)
    const below = await ask<{ full_path: string }[]>('owner', 'GET', `/groups/${target}/descendant_groups`)
    expect(below.body.map(({ full_path }) => full_path)).toEqual(['target/wanderer/inner', 'target/wanderer'])
    expect(await ask('owner', 'POST', `/groups/${top}/transfer`)).toMatchObject({
      status: 201,
      body: { full_path: 'wanderer', parent_id: null },
    })
    expect(await ask('owner', 'GET', `/groups/${inner}`)).toMatchObject({ body: { full_path: 'wanderer/inner' } })
  })

  test('takes the roles of its new place', async () => {
    const target = await makeGroup('with-people')
    const moved = await makeGroup('without', { visibility: 'private' })
    await world.member(`/groups/${target}`, world.people.stranger.id, 30)
    expect((await ask('stranger', 'GET', `/groups/${moved}`)).status).toBe(404)
    await ask('owner', 'POST', `/groups/${moved}/transfer`, { group_id: target })
    expect((await ask('stranger', 'GET', `/groups/${moved}`)).status).toBe(200)
    await ask('owner', 'POST', `/groups/${moved}/transfer`)
    expect((await ask('stranger', 'GET', `/groups/${moved}`)).status).toBe(404)
  })

  test('is not moved where that cannot be', async () => {
    const top = await makeGroup('stays')
    const inner = await makeGroup('within', { parent_id: top })
    await makeGroup('within')
    const move = (id: number, json: unknown, who: Who = 'owner') => ask(who, 'POST', `/groups/${id}/transfer`, json)
    const failed = (reason: string) => ({ status: 400, body: { message: `Transfer failed: ${reason}` } })
    expect(await move(top, {})).toMatchObject(failed('Group is already a root group.'))
    expect(await move(inner, { group_id: top })).toMatchObject(failed('Group is already associated to the parent group.'))
    expect(await move(top, { group_id: inner })).toMatchObject(failed('Cannot transfer group to one of its subgroup.'))
    expect(await move(top, { group_id: top })).toMatchObject(failed('Cannot transfer group to one of its subgroup.'))
    expect(await move(inner, {})).toMatchObject(
      failed('The parent group already has a subgroup or a project with the same path.'),
    )
    expect((await move(top, { group_id: 99_999 })).status).toBe(404)
    expect((await move(top, { group_id: 'x' })).status).toBe(400)
    expect((await move(top, {}, 'developer')).status).toBe(404)
    const foreign = await makeGroup('foreign', { visibility: 'public' }, 'root')
    expect(await move(top, { group_id: foreign })).toMatchObject(failed("You don't have enough permissions."))
    expect(await ask('owner', 'GET', `/groups/${inner}`)).toMatchObject({ body: { full_path: 'stays/within' } })
  })

  test('takes a project in, for administrators', async () => {
    const project = await world.project('taken')
    const target = await makeGroup('taker')
    expect((await ask('owner', 'POST', `/groups/${target}/projects/${project}`)).status).toBe(403)
    expect(await ask('root', 'POST', `/groups/${target}/projects/team%2Ftaken`)).toMatchObject({
      status: 201,
      body: { id: target },
    })
    expect(await ask('root', 'GET', `/projects/${project}`)).toMatchObject({ body: { path_with_namespace: 'taker/taken' } })
    expect((await ask('root', 'POST', `/groups/${target}/projects/99999`)).status).toBe(404)
  })

  test('is archived and comes back', async () => {
    const id = await makeGroup('old')
    expect((await ask('guest', 'POST', `/groups/${id}/archive`)).status).toBe(404)
    expect(await ask('owner', 'POST', `/groups/${id}/unarchive`)).toMatchObject({
      status: 422,
      body: { message: 'Group is already unarchived!' },
    })
    expect(await ask('owner', 'POST', `/groups/${id}/archive`)).toMatchObject({ status: 201, body: { archived: true } })
    expect(await ask('owner', 'POST', `/groups/${id}/archive`)).toMatchObject({
      status: 422,
      body: { message: 'Group is already archived!' },
    })
    expect(await ask('owner', 'POST', `/groups/${id}/unarchive`)).toMatchObject({ status: 201, body: { archived: false } })
  })

  test('path texts are GitLab’s, both of them', async () => {
    const first =
      "can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', nor end with '-', '_', '.', '.git', or '.atom'."
    const second = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'."
    expect(await ask('owner', 'POST', '/groups', { name: 'x', path: 'a b' })).toMatchObject({
      status: 400,
      body: { message: `Failed to save group {:path=>["${first}", "${second}"]}` },
    })
    const id = await makeGroup('good')
    expect(await ask('owner', 'PUT', `/groups/${id}`, { path: '-bad' })).toMatchObject({
      status: 400,
      body: { message: { path: [first, second] } },
    })
  })
})
