import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { sampleToken } from '../store/upgrades/sample-rows.ts'
import { Api } from '../support/api.ts'
import { Client, run } from '../support/client.ts'
import { launch, newHome, startSallyport } from '../support/sallyport.ts'

let home: string
beforeEach(async () => {
  home = await newHome()
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const change = (file: string, statements: string): void => {
  const database = new Database(join(home, file))
  database.exec(statements)
  database.close()
}

test('a home of the first release serves under this one, with its people, projects and tokens', async () => {
  change('sallyport.db', readFileSync(join(import.meta.dirname, '../store/upgrades/main/0001-credentials.sql'), 'utf8'))
  await new Repositories(join(home, 'repos')).create(1 as ProjectId, 'main')
  const server = await startSallyport({ home })
  await using client = await Client.make(server)
  expect(await new Api(server.http, sampleToken).make('GET', '/user')).toMatchObject({ id: 1, username: 'root' })
  const url = client.url('root/kept', 'root', sampleToken)
  const directory = await client.repository('work')
  expect(await client.git(['push', '-q', url, 'HEAD:refs/heads/topic'], { cwd: directory })).toMatchObject({
    stderr: '',
    code: 0,
  })
  expect((await client.git(['clone', '-q', '-b', 'topic', url, 'copy'])).code).toBe(0)
  expect((await client.git(['ls-remote', client.url('root/kept', 'root', 'glpat-of-a-token-that-is-dead')])).code).toBe(128)
  expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  await server.stop()
})

test.each(['sallyport.db', 'sallyport-activity.db'])(
  'a newer %s is refused in one line, by the server and by commands, and stays as it is',
  async (file) => {
    await (await startSallyport({ home })).stop()
    change(file, "insert into kysely_migration values ('9999-from-the-future', '2030-01-01T00:00:00.000Z')")
    const before = readFileSync(join(home, file))
    const child = launch(home)
    const said: Buffer[] = []
    child.stderr?.on('data', (bytes: Buffer) => said.push(bytes))
    const [code] = await once(child, 'close')
    expect([code, Buffer.concat(said).toString()]).toEqual([
      2,
      expect.stringMatching(/^sallyport: SALLYPORT_DATABASE: [^\n]*sallyport\.db is of a newer version; [^\n]*\n$/),
    ])
    const command = await run(process.execPath, [join(import.meta.dirname, '../../bin/sallyport.js'), 'tokens', '--home', home])
    expect([command.code, command.stdout, command.stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^sallyport: [^\n]*sallyport\.db is of a newer version; [^\n]*\n$/),
    ])
    expect(readFileSync(join(home, file)).equals(before)).toBe(true)
  },
)
