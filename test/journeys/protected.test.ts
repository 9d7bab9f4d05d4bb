import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sentenceOf } from '../../src/access/refuse.ts'
import type { RefReason } from '../../src/core/refusal.ts'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'

let scene: Scene
let directory: string
let project: number

/** Branches and tags that stand protected in the one project of these tests. */
const protectedBranches: [name: string, push: number, merge: number, force?: boolean][] = [
  ['developers/*', 30, 40],
  ['nobody/*', 0, 0],
  ['admins/*', 60, 60],
  ['forced/*', 30, 40, true],
  ['merge/*', 40, 30],
  ['several/*', 0, 0],
  ['several/more-*', 30, 30],
]

beforeAll(async () => {
  scene = await Scene.open()
  project = await scene.project('guarded', { visibility: 'private' })
  for (const [name, push_access_level, merge_access_level, allow_force_push = false] of protectedBranches) {
    const rule = { name, push_access_level, merge_access_level, allow_force_push }
    await scene.api.make('POST', `/projects/${project}/protected_branches`, rule)
  }
  await scene.api.make('POST', `/projects/${project}/protected_tags`, { name: 'v*', create_access_level: 40 })
  await scene.api.make('POST', `/projects/${project}/protected_branches`, {
    name: 'person/*',
    allowed_to_push: [{ user_id: scene.who('developer').id }],
  })
  directory = await scene.client.repository('refs')
  await seed()
})

afterAll(() => scene?.[Symbol.asyncDispose]())

/** What exists on the server before each kind of push: put there past the rules, while they are lifted. */
const seed = async (): Promise<void> => {
  const root = scene.client.url('castle/guarded', 'root', rootToken)
  await scene.client.git(['fetch', '-q', root, 'main:refs/heads/theirs'], { cwd: directory })
  await scene.client.git(['checkout', '-q', '-B', 'ahead', 'theirs'], { cwd: directory })
  await scene.client.commit(directory, 'ahead')
  await scene.client.git(['checkout', '-q', '-b', 'unseen'], { cwd: directory })
  await scene.client.commit(directory, 'unseen')
  await scene.client.git(['checkout', '-q', '--orphan', 'aside'], { cwd: directory })
  await scene.client.commit(directory, 'aside')
  const names = ['developers', 'nobody', 'admins', 'forced', 'several', 'person'].flatMap((area) => [
    `${area}/http`,
    `${area}/ssh`,
    `${area}/more-http`,
    `${area}/more-ssh`,
  ])
  const rules = await scene.api.make('GET', `/projects/${project}/protected_branches?per_page=100`)
  for (const rule of rules) {
    if (rule.name !== 'main')
      await scene.api.make('DELETE', `/projects/${project}/protected_branches/${encodeURIComponent(rule.name)}`)
  }
  const targets = [...names.map((name) => `theirs:refs/heads/${name}`), 'theirs:refs/heads/topic', 'theirs:refs/tags/old']
  const pushed = await scene.client.git(['push', '-q', root, ...targets], { cwd: directory })
  if (pushed.code !== 0) throw new Error(pushed.stderr)
  for (const rule of rules.filter((entry: { name: string }) => entry.name !== 'main')) await restore(rule)
  await scene.api.make('DELETE', `/projects/${project}/protected_tags/${encodeURIComponent('v*')}`)
  const tagged = await scene.client.git(['push', '-q', root, 'theirs:refs/tags/v1', 'theirs:refs/tags/v2'], { cwd: directory })
  if (tagged.code !== 0) throw new Error(tagged.stderr)
  await scene.api.make('POST', `/projects/${project}/protected_tags`, { name: 'v*', create_access_level: 40 })
}

// biome-ignore lint/suspicious/noExplicitAny: the API's own shape
const restore = (rule: any) =>
  scene.api.make('POST', `/projects/${project}/protected_branches`, {
    name: rule.name,
    allow_force_push: rule.allow_force_push,
    allowed_to_push: rule.push_access_levels.map(levelOf),
    allowed_to_merge: rule.merge_access_levels.map(levelOf),
  })

const levelOf = (level: { user_id?: number | null; access_level: number }) =>
  level.user_id ? { user_id: level.user_id } : { access_level: level.access_level }

interface Row {
  readonly who: string
  /** Refspecs; `DOOR` is `http` or `ssh`. `ahead` is a fast-forward of what is there, `aside` is not; `unseen` was never pushed. */
  readonly push: readonly string[]
  readonly gives: RefReason | 'yes'
}

const rows: Row[] = [
  { who: 'developer', push: ['ahead:refs/heads/topic-DOOR'], gives: 'yes' },
  { who: 'developer', push: ['ahead:main'], gives: 'branch_push_denied' },
  { who: 'developer', push: ['+aside:main'], gives: 'branch_force_push' },
  { who: 'maintainer', push: ['+aside:main'], gives: 'branch_force_push' },
  { who: 'owner', push: ['+aside:main'], gives: 'branch_force_push' },
  { who: 'owner', push: [':main'], gives: 'default_branch_deletion' },
  { who: 'developer', push: ['ahead:refs/heads/developers/DOOR'], gives: 'yes' },
  { who: 'developer', push: ['+aside:refs/heads/developers/DOOR'], gives: 'branch_force_push' },
  { who: 'developer', push: [':refs/heads/developers/DOOR'], gives: 'branch_deletion_denied' },
  { who: 'maintainer', push: [':refs/heads/developers/DOOR'], gives: 'branch_deletion_web_only' },
  { who: 'owner', push: ['ahead:refs/heads/nobody/DOOR'], gives: 'branch_push_denied' },
  { who: 'owner', push: ['ahead:refs/heads/admins/DOOR'], gives: 'branch_push_denied' },
  { who: 'developer', push: ['+aside:refs/heads/forced/DOOR'], gives: 'yes' },
  { who: 'developer', push: ['ahead:refs/heads/several/DOOR'], gives: 'branch_push_denied' },
  { who: 'developer', push: ['ahead:refs/heads/several/more-DOOR'], gives: 'yes' },
  { who: 'developer', push: ['ahead:refs/heads/person/DOOR'], gives: 'yes' },
  { who: 'maintainer', push: ['ahead:refs/heads/person/more-DOOR'], gives: 'branch_push_denied' },
  { who: 'developer', push: ['ahead:refs/heads/nobody/new-DOOR'], gives: 'branch_creation_denied' },
  { who: 'developer', push: ['unseen:refs/heads/merge/new-DOOR'], gives: 'branch_creation_basis' },
  { who: 'developer', push: ['theirs:refs/heads/merge/new-DOOR'], gives: 'branch_creation_web_only' },
  { who: 'maintainer', push: ['ahead:refs/heads/merge/new-DOOR'], gives: 'yes' },
  { who: 'developer', push: [`ahead:refs/heads/${'a'.repeat(40)}`], gives: 'branch_name_is_object_id' },
  { who: 'developer', push: ['ahead:refs/heads/good-DOOR', 'ahead:main'], gives: 'branch_push_denied' },
  { who: 'maintainer', push: ['ahead:refs/heads/good-DOOR', '+aside:main'], gives: 'branch_force_push' },
  { who: 'developer', push: ['ahead:refs/tags/tag-DOOR'], gives: 'yes' },
  { who: 'developer', push: ['+ahead:refs/tags/old'], gives: 'yes' },
  { who: 'developer', push: ['ahead:refs/tags/v-DOOR'], gives: 'protected_tag_creation_denied' },
  { who: 'maintainer', push: ['ahead:refs/tags/v-DOOR'], gives: 'yes' },
  { who: 'owner', push: ['+ahead:refs/tags/v1'], gives: 'protected_tag_update' },
  { who: 'developer', push: [':refs/tags/v2'], gives: 'protected_tag_deletion_denied' },
  { who: 'owner', push: [':refs/tags/v2'], gives: 'protected_tag_deletion_web_only' },
  { who: 'developer', push: ['ahead:refs/tags/main'], gives: 'tag_named_like_default_branch' },
  { who: 'developer', push: [`ahead:refs/tags/${'b'.repeat(40)}`], gives: 'tag_name_is_object_id' },
]

const remoteRefs = async (): Promise<string> =>
  (await scene.client.git(['ls-remote', scene.client.url('castle/guarded', 'root', rootToken)])).stdout

describe.each(['http', 'ssh'] as const)('over %s', (door) => {
  test.each(rows)('$who pushes $push → $gives', async ({ who, push, gives }) => {
    const { key, token } = scene.who(who)
    const url = door === 'http' ? scene.client.url('castle/guarded', 'any', token) : scene.client.sshUrl('castle/guarded')
    const before = gives === 'yes' ? '' : await remoteRefs()
    const refspecs = push.map((refspec) => refspec.replace('DOOR', door))
    const { code, stderr } = await scene.client.git(['push', url, ...refspecs], { cwd: directory, key })
    if (gives === 'yes') return expect([code, stderr]).toEqual([0, expect.not.stringContaining('rejected')])
    expect(stderr).toContain(`remote: GitLab: ${sentenceOf(gives)}`)
    expect(stderr).toContain('(pre-receive hook declined)')
    expect(code).toBe(1)
    return expect(await remoteRefs()).toBe(before)
  })
})

describe('a deploy key', () => {
  const push = async (key: string, ...refspecs: string[]): Promise<string> =>
    (await scene.client.git(['push', scene.client.sshUrl('castle/guarded'), ...refspecs], { cwd: directory, key })).stderr

  /** A key that `guest` added: the creator's own token makes the row, by way of a Maintainer's role for that moment. */
  const keyOfGuest = async (name: string): Promise<{ file: string; id: number }> => {
    const guest = scene.who('guest')
    const member = `/projects/${project}/members`
    await scene.api.make('POST', member, { user_id: guest.id, access_level: 40 })
    const { file, line } = await scene.client.key(name)
    const { id } = await scene.api
      .as(guest.token)
      .make('POST', `/projects/${project}/deploy_keys`, { title: name, key: line, can_push: true })
    await scene.api.make('DELETE', `${member}/${guest.id}`)
    return { file, id }
  }

  test('of a Guest pushes what is not protected, and nothing that is', async () => {
    const { file } = await keyOfGuest('plain')
    expect(await push(file, 'ahead:refs/heads/by-key')).toContain('[new branch]')
    expect(await push(file, 'ahead:main')).toContain(sentenceOf('branch_push_denied'))
    expect(await push(file, '+unseen:refs/tags/old')).toContain(sentenceOf('tag_change_denied'))
  })

  test('that a rule names pushes in spite of "No one", as does another key of its creator', async () => {
    const [named, sibling] = [await keyOfGuest('named'), await keyOfGuest('sibling')]
    await scene.api.make('POST', `/projects/${project}/protected_branches`, {
      name: 'robot',
      allowed_to_push: [{ deploy_key_id: named.id }],
    })
    expect(await push(named.file, 'theirs:refs/heads/robot')).toContain('[new branch]')
    expect(await push(sibling.file, 'ahead:refs/heads/robot')).toMatch(/ahead -> robot/)
  })

  test('of a creator who lost the project does not push any more, but pulls', async () => {
    const person = await scene.person('leaving')
    await scene.api.make('POST', `/projects/${project}/members`, { user_id: person.id, access_level: 40 })
    const { file, line } = await scene.client.key('of-leaving')
    await scene.api.as(person.token).make('POST', `/projects/${project}/deploy_keys`, { title: 'x', key: line, can_push: true })
    await scene.api.make('DELETE', `/projects/${project}/members/${person.id}`)
    expect(await push(file, 'ahead:refs/heads/too-late')).toContain(`remote: GitLab: ${sentenceOf('ref_push_denied')}`)
    expect((await scene.client.git(['ls-remote', scene.client.sshUrl('castle/guarded')], { key: file })).code).toBe(0)
    await scene.api.make('POST', `/users/${person.id}/block`)
    const pulled = await scene.client.git(['ls-remote', scene.client.sshUrl('castle/guarded')], { key: file })
    expect(pulled.stderr).toContain('Your account has been blocked.')
  })

  test('serves many projects, each with its own right to write', async () => {
    const other = await scene.project('second', { visibility: 'private' })
    const { file, line } = await scene.client.key('shared')
    const key = await scene.api.make('POST', `/projects/${project}/deploy_keys`, { title: 'shared', key: line, can_push: true })
    await scene.api.make('POST', `/projects/${other}/deploy_keys/${key.id}/enable`)
    expect(await push(file, 'ahead:refs/heads/shared')).toContain('[new branch]')
    const second = await scene.client.git(['push', scene.client.sshUrl('castle/second'), 'ahead:refs/heads/shared'], {
      cwd: directory,
      key: file,
    })
    expect(second.stderr).toContain(sentenceOf('key_read_only'))
  })
})

describe('the first push', () => {
  const emptyProject = (path: string, fields: Record<string, unknown> = {}) =>
    scene.api.make('POST', '/projects', { name: path, path, namespace_id: scene.groupId, ...fields })

  const pushTo = (path: string, who: string, refspec: string) =>
    scene.client.git(['push', scene.client.url(`castle/${path}`, 'any', scene.who(who).token), refspec], { cwd: directory })

  test('by a Developer is refused, with the page that lists who may', async () => {
    await emptyProject('empty-one')
    const { stderr } = await pushTo('empty-one', 'developer', 'main')
    expect(stderr).toContain('remote: GitLab: A default branch (e.g. main) does not yet exist for castle/empty-one')
    expect(stderr).toContain('remote: Ask a project Owner or Maintainer to create a default branch:')
    expect(stderr).toContain('/castle/empty-one/-/project_members')
  })

  test('by a Maintainer makes the default branch, and protects it', async () => {
    const { id } = await emptyProject('empty-two')
    expect((await pushTo('empty-two', 'maintainer', 'theirs:main')).code).toBe(0)
    const rules = await scene.api.make('GET', `/projects/${id}/protected_branches`)
    expect(rules).toMatchObject([{ name: 'main', allow_force_push: false, push_access_levels: [{ access_level: 40 }] }])
    expect((await pushTo('empty-two', 'developer', 'ahead:main')).stderr).toContain(sentenceOf('branch_push_denied'))
  })

  test('of a branch with another name makes that one the default', async () => {
    const { id } = await emptyProject('empty-three')
    expect((await pushTo('empty-three', 'maintainer', 'main:trunk')).code).toBe(0)
    expect((await scene.api.make('GET', `/projects/${id}`)).default_branch).toBe('trunk')
    const refs = await scene.client.git([
      'ls-remote',
      '--symref',
      scene.client.url('castle/empty-three', 'root', rootToken),
      'HEAD',
    ])
    expect(refs.stdout).toContain('ref: refs/heads/trunk\tHEAD')
  })

  test.each([
    [0, 'yes', []],
    [1, 'yes', [30]],
    [3, 'no', []],
    [4, 'yes', [40]],
  ])('by a Developer under preset %i: %s', async (default_branch_protection, allowed, levels) => {
    const group = await scene.api.make('POST', '/groups', {
      name: `preset${default_branch_protection}`,
      path: `preset${default_branch_protection}`,
      default_branch_protection,
    })
    await scene.api.make('POST', `/groups/${group.id}/members`, { user_id: scene.who('developer').id, access_level: 30 })
    const { id, path_with_namespace } = await scene.api.make('POST', '/projects', { name: 'new-one', namespace_id: group.id })
    const url = scene.client.url(path_with_namespace, 'any', scene.who('developer').token)
    expect((await scene.client.git(['push', url, 'main'], { cwd: directory })).code).toBe(allowed === 'yes' ? 0 : 1)
    const rules = await scene.api.make('GET', `/projects/${id}/protected_branches`)
    expect(
      rules.map((rule: { push_access_levels: { access_level: number }[] }) => rule.push_access_levels[0]?.access_level),
    ).toEqual(levels)
  })

  test('a clone of an empty project starts on its default branch', async () => {
    await emptyProject('empty-four')
    const url = scene.client.url('castle/empty-four', 'root', rootToken)
    await scene.client.git(['-c', 'init.defaultBranch=other', 'clone', '-q', url, 'empty-clone'])
    const head = await scene.client.git(['symbolic-ref', 'HEAD'], { cwd: `${scene.client.directory}/empty-clone` })
    expect(head.stdout.trim()).toBe('refs/heads/main')
  })
})
