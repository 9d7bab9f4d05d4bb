import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCode } from '../http/api/repository/code-scene.ts'
import { run } from '../support/client.ts'
import { rootToken } from '../support/sallyport.ts'

/** As they may stand in a configuration: none of them is a file there. */
const odd: readonly string[] = [
  '../../etc/x.yml',
  '/x.yml',
  '//.yml',
  './README.md.yml',
  '-x.yml',
  '--help.yml',
  ':(glob)x.yml',
  ':/x.yml',
  ':!x.yml',
  'a\nb.yml',
  'a\0b.yml',
  'a\\b.yml',
  '"x".yml',
  '.yml',
  `${'d/'.repeat(3000)}x.yml`,
  `${'x'.repeat(200_000)}.yml`,
  '\ud800.yml',
]

test('an include of any name is looked for, and never a fault', async () => {
  const { scene, project } = await openCode()
  await using _ = scene
  const bad: unknown[] = []
  for (const path of odd) {
    const content = `include: ${JSON.stringify(path)}\na: { script: x }`
    const reply = await scene.api.call('POST', `/projects/${project}/ci/lint`, { content })
    const said = `Local file \`${path}`.slice(0, 30)
    if (reply.status !== 200 || !String(reply.body.errors).startsWith(said)) bad.push([path.slice(0, 30), reply])
  }
  expect(bad).toEqual([])
})

test('nor where a pipeline is made of a commit', async () => {
  const { scene, project, directory } = await openCode()
  await using _ = scene
  const file = join(directory, '.gitlab-ci.yml')
  const git = async (...words: string[]) => {
    const { code, stderr } = await run('git', words, { cwd: directory, env: { HOME: scene.client.directory } })
    expect([code, stderr.includes('fatal')]).toEqual([0, false])
  }
  for (const path of ['../x.yml', 'a\0b.yml', `${'x'.repeat(200_000)}.yml`]) {
    await writeFile(file, `include: ${JSON.stringify(path)}\na: { script: x }\n`)
    await git('add', '-A')
    await git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-q', '-m', 'odd [ci skip]')
    await git('push', '-q', '-o', 'ci.skip', scene.client.url('castle/code', 'root', rootToken), 'HEAD:main')
    const { status, body } = await scene.api.call('POST', `/projects/${project}/pipeline`, { ref: 'main' })
    expect([status, String(body.message?.base).slice(0, 14)]).toEqual([400, `Local file \`${path.slice(0, 2)}`])
  }
})
