import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '../../src/core/principal.ts'
import { GitStage } from '../support/git-stage.ts'

let stage: GitStage
let developer: User
let token: string

beforeAll(async () => {
  stage = await GitStage.open()
  developer = stage.user('ada')
  token = stage.token(developer)
})
afterAll(() => stage.close())

const projectFor = (path: string, changes: Parameters<GitStage['project']>[1] = {}) =>
  stage.project(path, { roles: new Map([[developer.id, 30]]), ...changes })

describe('clone and push', () => {
  test.each([0, 1, 2])('a push and a clone by protocol v%i', async (version) => {
    const path = `castle/v${version}`
    const { id } = await projectFor(path)
    const at = await stage.workingCopy(`work-v${version}`)
    const pushed = await stage.git(['-c', `protocol.version=${version}`, 'push', stage.remote(path, token), 'main'], at)
    expect(pushed).toMatchObject({ code: 0 })
    const head = await stage.mustGit(['rev-parse', 'HEAD'], at)
    expect(await stage.repositories.refs(id)).toEqual(new Map([['refs/heads/main', head]]))
    const clone = ['-c', `protocol.version=${version}`, 'clone', '-q', stage.remote(path, token), `clone-v${version}`]
    expect(await stage.git(clone)).toMatchObject({ code: 0, stderr: '' })
    expect(await stage.mustGit(['rev-parse', 'HEAD'], `${stage.directory}/clone-v${version}`)).toBe(head)
  })
})
