import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Scene } from '../../../journeys/scene.ts'
import { run } from '../../../support/client.ts'
import { rootToken } from '../../../support/sallyport.ts'

export interface Coded {
  readonly scene: Scene
  /** Number of a private project whose code is known, and of one that is empty. */
  readonly project: number
  readonly empty: number
  /** Ids of commits by the word in their titles. */
  readonly ids: Readonly<Record<'first' | 'second' | 'third' | 'side' | 'top', string>>
  readonly directory: string
  readonly url: string
}

export const binary = Buffer.from(Array.from({ length: 300 }, (_, at) => at % 256))

/** Ways to ask about the repository of a scene that is opened later. */
export const asksAbout = (code: () => Coded) => ({
  ask: (path: string, project: number | string = code().project, token: string | undefined = rootToken) =>
    code().scene.api.as(token).call('GET', `/projects/${project}/repository${path}`),
  /** What is no JSON. */
  fetchRaw: (path: string, init: RequestInit = {}, token = rootToken) =>
    fetch(`${code().scene.server.http}/api/v4/projects/${code().project}/repository${path}`, {
      headers: { 'PRIVATE-TOKEN': token },
      ...init,
    }),
})

const dated = (day: number, zone = '+0000') => ({
  GIT_AUTHOR_DATE: `${Date.parse(`2024-05-0${day}T10:00:00Z`) / 1000} ${zone}`,
  GIT_COMMITTER_DATE: `${Date.parse(`2024-05-0${day}T11:00:00Z`) / 1000} ${zone}`,
})

/** A server with a repository in which something has happened: three commits on `main`, a merge on top, tags, branches. */
export const openCode = async (start: Parameters<typeof Scene.open>[0] = {}): Promise<Coded> => {
  const scene = await Scene.open(start)
  const { id: project } = await scene.api.make('POST', '/projects', { path: 'code', namespace_id: scene.groupId })
  const { id: empty } = await scene.api.make('POST', '/projects', { path: 'empty', namespace_id: scene.groupId })
  const { client } = scene
  const directory = join(client.directory, 'code')
  const url = client.url('castle/code', 'root', rootToken)
  await mkdir(join(directory, 'lib/deep'), { recursive: true })
  const gitIn = async (env: Record<string, string>, ...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('git', words, { cwd: directory, env: { HOME: client.directory, ...env } })
    if (code !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  const git = (...words: string[]) => gitIn({}, ...words)
  const commit = async (message: string, env: Record<string, string>, author = 'Ada <ada@example.com>'): Promise<string> => {
    await git('add', '-A')
    await gitIn(env, 'commit', '-q', '--allow-empty', '--author', author, '-m', message)
    return git('rev-parse', 'HEAD')
  }
  await git('init', '-q', '-b', 'main')
  await writeFile(join(directory, 'README.md'), '# One\n')
  await writeFile(join(directory, 'run.sh'), '#!/bin/sh\n')
  await chmod(join(directory, 'run.sh'), 0o755)
  await writeFile(join(directory, 'lib/deep/file.txt'), 'deep\n')
  await writeFile(join(directory, 'lib/näh me.txt'), 'named\n')
  await writeFile(join(directory, 'data.bin'), binary)
  const first = await commit('first\n\nAll of it.\n\nSigned-off-by: Ada <ada@example.com>\nReviewed-by: B', dated(1, '+0200'))
  await git('tag', 'light')
  await git('branch', 'done')
  await writeFile(join(directory, 'README.md'), '# One\ntwo\nthree\n')
  const second = await commit('second', dated(2), 'Björn Ö. <bjoern@example.com>')
  await git('tag', '-a', 'v1.10.0', '-m', 'Version 1.10\n\nwith words')
  await git('tag', '-a', 'v1.9.0', 'light', '-m', 'Version 1.9')
  await git('checkout', '-q', '-b', 'feature/side', first)
  await writeFile(join(directory, 'side.txt'), 'side\n')
  const side = await commit('side', dated(3))
  await git('checkout', '-q', 'main')
  const third = await commit('third', dated(4))
  await git('merge', '-q', '--no-ff', '-m', 'top', 'feature/side')
  const top = await git('rev-parse', 'HEAD')
  await git('branch', 'same')
  await git('checkout', '-q', '-b', 'ahead')
  await commit('ahead', dated(5))
  await git('push', '-q', url, 'main')
  await git('push', '-q', url, '--all')
  await git('push', '-q', url, '--tags')
  return { scene, project, empty, ids: { first, second, third, side, top }, directory, url }
}
