import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Scene } from '../../../journeys/scene.ts'
import { rootToken } from '../../../support/sallyport.ts'

/** What may be done to refs, by role: through the API, and beside it what git says to the same. */
let scene: Scene
let directory: string
let project: number

const path = 'castle/private'

const push = (token: string | undefined, refspec: string) =>
  scene.client.git(['push', scene.client.url(path, token === undefined ? undefined : 'x', token), refspec], { cwd: directory })

const mustPush = async (...refspecs: readonly string[]): Promise<void> => {
  for (const refspec of refspecs) {
    const { code, stderr } = await push(rootToken, refspec)
    if (code !== 0) throw new Error(stderr)
  }
}

const tokenOf = (who: string): string | undefined =>
  who === 'anonymous' ? undefined : who === 'root' ? rootToken : scene.who(who).token

beforeAll(async () => {
  scene = await Scene.open()
  project = scene.id('private')
  directory = await scene.client.repository('work')
  await scene.client.git(['fetch', '-q', scene.client.url(path, 'root', rootToken), 'main'], { cwd: directory })
  await scene.client.git(['checkout', '-q', '-B', 'work', 'FETCH_HEAD'], { cwd: directory })
  const protectBranch = (name: string, fields: object) =>
    scene.api.make('POST', `/projects/${project}/protected_branches`, { name, ...fields })
  await protectBranch('safe/*', { push_access_level: 40, merge_access_level: 40 })
  await protectBranch('merge/*', { push_access_level: 40, merge_access_level: 30 })
  await scene.api.make('POST', `/projects/${project}/protected_tags`, { name: 'v*', create_access_level: 40 })
  await scene.api.make('POST', `/projects/${project}/protected_tags`, { name: 'locked*', create_access_level: 0 })
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

type Said = readonly [status: number, text?: string]

const forbidden: Said = [403, '403 Forbidden']
const hidden: Said = [404, '404 Project Not Found']

interface Row {
  readonly does: string
  /** Refs that are there before, and none of the others. */
  readonly has?: string
  readonly call: (name: string) => Promise<{ status: number; body: { message?: string } | undefined }>
  readonly ref: string
  readonly deletes?: true
  /** By role; whoever is not named may not even see or read, or is told 403. */
  readonly api: Readonly<Record<string, Said>>
  readonly git: Readonly<Record<string, string>>
}

const createBranch = (name: string) => (who: string) =>
  scene.api.as(tokenOf(who)).call('POST', `/projects/${project}/repository/branches`, { branch: name, ref: 'main' })
const deleteBranch = (name: string) => (who: string) =>
  scene.api.as(tokenOf(who)).call('DELETE', `/projects/${project}/repository/branches/${encodeURIComponent(name)}`)
const createTag = (name: string) => (who: string) =>
  scene.api.as(tokenOf(who)).call('POST', `/projects/${project}/repository/tags`, { tag_name: name, ref: 'main' })
const deleteTag = (name: string) => (who: string) =>
  scene.api.as(tokenOf(who)).call('DELETE', `/projects/${project}/repository/tags/${encodeURIComponent(name)}`)

const writers = ['developer', 'maintainer', 'owner', 'root'] as const
const strong = ['maintainer', 'owner', 'root'] as const

const all = <Value>(names: readonly string[], value: Value): Record<string, Value> =>
  Object.fromEntries(names.map((name) => [name, value]))

/** Who is never let so far, whatever the ref. */
const others: Readonly<Record<string, Said>> = {
  anonymous: hidden,
  stranger: hidden,
  guest: forbidden,
  planner: forbidden,
  reporter: forbidden,
}
const othersOverGit: Readonly<Record<string, string>> = {
  ...all(['anonymous'], 'could not read Username'),
  ...all(['stranger'], 'could not be found'),
  ...all(['guest', 'planner', 'reporter'], 'You are not allowed to push code to this project.'),
}

const rows: readonly Row[] = [
  {
    does: 'makes a branch',
    call: createBranch('free/new'),
    ref: 'refs/heads/free/new',
    api: all(writers, [201]),
    git: all(writers, ''),
  },
  {
    does: 'makes a protected branch',
    call: createBranch('safe/new'),
    ref: 'refs/heads/safe/new',
    api: { ...all(strong, [201]), developer: [400, 'You are not allowed to create protected branches on this project.'] },
    git: { ...all(strong, ''), developer: 'You are not allowed to create protected branches on this project.' },
  },
  {
    does: 'makes a protected branch into which it may merge, from one that is protected',
    call: createBranch('merge/new'),
    ref: 'refs/heads/merge/new',
    api: all(writers, [201]),
    git: { ...all(strong, ''), developer: 'You can only create protected branches using the web interface and API.' },
  },
  {
    does: 'deletes a branch',
    has: 'refs/heads/free/old',
    call: deleteBranch('free/old'),
    ref: 'refs/heads/free/old',
    deletes: true,
    api: all(writers, [204]),
    git: all(writers, ''),
  },
  {
    does: 'deletes a protected branch',
    has: 'refs/heads/safe/old',
    call: deleteBranch('safe/old'),
    ref: 'refs/heads/safe/old',
    deletes: true,
    api: {
      ...all(strong, [204]),
      developer: [
        400,
        'You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.',
      ],
    },
    git: {
      ...all(strong, 'You can only delete protected branches using the web interface.'),
      developer: 'You are not allowed to delete protected branches from this project.',
    },
  },
  {
    does: 'deletes the default branch',
    has: 'refs/heads/main',
    call: deleteBranch('main'),
    ref: 'refs/heads/main',
    deletes: true,
    api: all(writers, [400, 'The default branch of a project cannot be deleted.']),
    git: all(writers, 'The default branch of a project cannot be deleted.'),
  },
  { does: 'makes a tag', call: createTag('free1'), ref: 'refs/tags/free1', api: all(writers, [201]), git: all(writers, '') },
  {
    does: 'makes a protected tag',
    call: createTag('v1'),
    ref: 'refs/tags/v1',
    api: { ...all(strong, [201]), developer: [400, 'You are not allowed to create this tag as it is protected.'] },
    git: { ...all(strong, ''), developer: 'You are not allowed to create this tag as it is protected.' },
  },
  {
    does: 'deletes a tag',
    has: 'refs/tags/free2',
    call: deleteTag('free2'),
    ref: 'refs/tags/free2',
    deletes: true,
    api: all(writers, [204]),
    git: all(writers, ''),
  },
  {
    does: 'deletes a protected tag',
    has: 'refs/tags/v2',
    call: deleteTag('v2'),
    ref: 'refs/tags/v2',
    deletes: true,
    api: { ...all(strong, [204]), developer: forbidden },
    git: {
      ...all(strong, 'You can only delete protected tags using the web interface.'),
      developer: 'You are not allowed to delete protected tags from this project.',
    },
  },
]

const isThere = async (ref: string): Promise<boolean> => {
  const advertised = await scene.infoRefs(path, 'upload-pack', { login: 'root', secret: rootToken })
  return (await advertised.text()).includes(` ${ref}\n`)
}

/** Puts the refs as a row has them. */
const prepare = async ({ ref, has }: Row): Promise<void> => {
  const there = await isThere(ref)
  if (has !== undefined && !there) await mustPush(`work:${ref}`)
  if (has !== undefined || !there) return
  const kind = ref.startsWith('refs/tags/') ? 'tags' : 'branches'
  const name = encodeURIComponent(ref.split('/').slice(2).join('/'))
  await scene.api.make('DELETE', `/projects/${project}/repository/${kind}/${name}`)
}

describe.each(rows)('$does', (row) => {
  test.each([...Object.keys(others), ...writers])('%s, through the API', async (name) => {
    await prepare(row)
    const [status, text] = row.api[name] ?? others[name] ?? [0]
    const answer = await row.call(name)
    expect([answer.status, answer.status < 300 ? undefined : answer.body?.message]).toEqual([status, text])
    expect(await isThere(row.ref)).toBe(status < 300 ? row.deletes !== true : row.has !== undefined)
  })

  test.each(['anonymous', 'stranger', 'reporter', 'developer', 'maintainer', 'root'])('%s, by git', async (name) => {
    await prepare(row)
    const text = row.git[name] ?? othersOverGit[name] ?? '?'
    const { code, stderr } = await push(tokenOf(name), row.deletes ? `:${row.ref}` : `work:${row.ref}`)
    if (text === '') expect([code, stderr]).toEqual([0, expect.any(String)])
    else expect(stderr).toContain(text)
    expect(await isThere(row.ref)).toBe(text === '' ? row.deletes !== true : row.has !== undefined)
  })
})
