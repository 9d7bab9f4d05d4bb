/**
 * The attack: whoever can read logs, the database, process lists or error texts collects credentials that others used.
 * What was believed: a secret that is only passed through leaves no trace.
 * What holds: secrets are digested when they arrive; logs, answers to refused requests, arguments and environments of
 * git, and the files of the home (but for the two that the first start writes) never hold one.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { password, Scene } from '../journeys/scene.ts'
import { run } from '../support/client.ts'
import { rootPassword, rootToken } from '../support/sallyport.ts'

let scene: Scene
const secrets: string[] = [password]

beforeAll(async () => {
  scene = await Scene.open()
  const project = `projects/${scene.id('private')}`
  const deploy = await scene.api.make('POST', `/${project}/deploy_tokens`, {
    name: 'd',
    username: 'deployer',
    scopes: ['read_repository'],
  })
  const bot = await scene.api.make('POST', `/${project}/access_tokens`, {
    name: 'b',
    scopes: ['read_repository'],
    access_level: 20,
  })
  secrets.push(deploy.token, bot.token, ...[...scene.people.values()].map((person) => person.token))
  for (const secret of secrets) {
    for (const [login, path] of [
      ['deployer', 'castle/private'],
      ['developer', 'castle/absent'],
      ['nobody', 'castle/public'],
    ] as const) {
      const answer = await scene.infoRefs(path, 'upload-pack', { login, secret })
      expect(await answer.text()).not.toContain(secret)
    }
    await fetch(`${scene.server.http}/api/v4/user?private_token=${encodeURIComponent(secret)}`).then((answer) => answer.text())
    await fetch(`${scene.server.http}/api/v4/user?access_token=${encodeURIComponent(`${secret}x`)}`).then((answer) =>
      answer.text(),
    )
    await fetch(
      `${scene.server.http}/${encodeURIComponent(secret)}/x.git/info/refs?service=git-upload-pack&private_token=${encodeURIComponent(secret)}`,
    ).then((answer) => answer.text())
  }
})

afterAll(() => scene?.[Symbol.asyncDispose]())

test('no log line holds one, not even where a token was typed for a path or a query', async () => {
  await scene.server.settled()
  const lines = scene.server.log.map((line) => JSON.stringify(line))
  const passwords = [password, rootPassword]
  for (const secret of [...secrets, rootToken].filter((one) => !passwords.includes(one)))
    expect(lines.filter((line) => line.includes(secret))).toEqual([])
  // A password has no form by which it could be told from the name of a project.
  const withoutPaths = scene.server.log.map((line) => JSON.stringify({ ...line, path: undefined, 'meta.project': undefined }))
  for (const secret of passwords) expect(withoutPaths.filter((line) => line.includes(secret))).toEqual([])
})

test('no file of the home holds one', async () => {
  for (const secret of secrets) {
    const found = await run('grep', ['-rlaF', '-e', secret, scene.server.home])
    expect(found.stdout).toBe('')
  }
})

test('a process of git has none in its arguments or environment', async () => {
  const seen: string[] = []
  const { token } = scene.who('developer')
  const cloning = scene.client.git(['clone', '-q', scene.client.url('castle/private', 'x', token), 'watched'])
  let running = true
  void cloning.then(() => {
    running = false
  })
  while (running) {
    const children = await childrenOf(scene.server.process.pid ?? 0)
    seen.push(...children)
  }
  expect(seen.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([])
})

/** Command lines and environments of a process's children, as long as they are there. */
const childrenOf = async (pid: number): Promise<string[]> => {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const texts = await Promise.all(
    names.map(async (name) => {
      const read = (file: string) => readFile(join('/proc', name, file), 'latin1').catch(() => '')
      const stat = await read('stat')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return parent === pid ? (await read('cmdline')) + (await read('environ')) : ''
    }),
  )
  return texts.filter((text) => text !== '')
}
