import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../src/core/ids.ts'
import { Repositories } from '../../src/git/repositories.ts'
import { isLocked, tryLock } from '../../src/store/file-lock.ts'
import { git } from '../git/maintenance/repository.ts'
import { Api } from '../support/api.ts'
import { rootToken, type Sallyport, startSallyport } from '../support/sallyport.ts'
import { sallyport } from './command-line.ts'

let server: Sallyport
let repository: string
let other: string

const at = (...words: string[]) => sallyport(['maintain', ...words, '--home', server.home])
const packsIn = (directory: string) => readdirSync(join(directory, 'objects/pack')).filter((name) => name.endsWith('.pack'))

const make = async (path: string): Promise<string> => {
  const { id } = await new Api(server.http).make('POST', '/projects', { name: path, path })
  return new Repositories(join(server.home, 'repos')).directoryOf(id as ProjectId)
}

const push = (message: string): void => {
  const checkout = join(server.home, 'checkout')
  if (!existsSync(checkout)) {
    mkdirSync(checkout)
    git(checkout, 'init', '-q', '-b', 'main')
  }
  writeFileSync(join(checkout, message), message.repeat(100))
  git(checkout, 'add', '.')
  git(checkout, 'commit', '-q', '-m', message)
  git(checkout, 'push', '-q', server.http.replace('://', `://root:${rootToken}@`).concat('/root/app.git'), 'main')
}

beforeAll(async () => {
  server = await startSallyport()
  repository = await make('app')
  other = await make('other')
  push('first')
})

afterAll(() => server?.[Symbol.asyncDispose]())

describe('beside a running server', () => {
  test('all is packed, and old packs stay for a while', async () => {
    const { code, stdout, stderr } = await at('--project', 'root/app')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^root\/app: 0 packs, 0 bytes -> 1 pack, [\d.]+ (?:bytes|KiB) in [\d.]+ s\n$/)
    git(repository, 'config', 'receive.unpackLimit', '1')
    push('second')
    expect(packsIn(repository)).toHaveLength(2)
    const again = await at('--project', 'root/app')
    expect(again.stdout).toMatch(/-> 3 packs, .*; of these 2 packs, .* go in an hour, when no fetch needs them any more\n$/)
    expect(existsSync(join(server.home, 'pushed', String(Number(repository.match(/(\d+)\.git$/)?.[1]))))).toBe(true)
  })

  test('what the server is at is waited for', async () => {
    const lock = tryLock(join(server.home, 'maintenance.lock'))
    const ran = at('--project', 'root/app')
    const isOver = await Promise.race([ran.then(() => true), new Promise((resolve) => setTimeout(resolve, 1_500, false))])
    expect(isOver).toBe(false)
    lock?.close()
    const { code, stderr } = await ran
    expect([code, stderr]).toEqual([0, 'sallyport: the server looks after a repository; this waits until it is done\n'])
  })
})

describe('what cannot be done', () => {
  test.each<[string[], number, string]>([
    [[], 2, 'sallyport: give --project or --all, and not both\n'],
    [['--all', '--project', 'root/app'], 2, 'sallyport: give --project or --all, and not both\n'],
    [['--project', 'root/none'], 1, 'sallyport: there is no project "root/none"\n'],
  ])('%j', async (words, expected, complaint) => {
    const { code, stdout, stderr } = await at(...words)
    expect([code, stdout, stderr]).toEqual([expected, '', complaint])
  })

  test('a broken repository is told of, and the others are looked after', async () => {
    const [pack = ''] = packsIn(repository)
    git(repository, 'update-ref', '-d', 'refs/heads/broken')
    writeFileSync(join(other, 'refs/heads/main'), `${'1'.repeat(40)}\n`)
    const { code, stdout, stderr } = await at('--all')
    expect(code).toBe(1)
    expect(stdout).toContain('root/app: ')
    expect(stderr).toMatch(/^sallyport: root\/other: git could not do it \(/)
    expect(stderr).toMatch(/sallyport: these could not be looked after: root\/other\n$/)
    expect(packsIn(repository)).toContain(pack)
    git(other, 'update-ref', '-d', 'refs/heads/main')
  })
})

test('on the home of a stopped server old packs go at once, and lines of JSON say so', async () => {
  expect(isLocked(join(server.home, 'sallyport.lock'))).toBe(true)
  await server.stop()
  expect(isLocked(join(server.home, 'sallyport.lock'))).toBe(false)
  const { code, stdout, stderr } = await at('--all', '--json')
  expect([code, stderr]).toEqual([0, ''])
  const events: Record<string, unknown>[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ project, kind }) => `${project} ${kind}`)).toEqual(
    expect.arrayContaining(['root/app begun', 'root/app step', 'root/app ended', 'root/other ended']),
  )
  expect(packsIn(repository)).toHaveLength(1)
  expect(git(repository, 'fsck', '--full')).toBe('')
})
