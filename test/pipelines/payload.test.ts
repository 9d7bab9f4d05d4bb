import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobPayloadEntity } from '../../src/pipelines/payload-shape.ts'
import { planned } from '../store/ci/planned.ts'
import { complaintsAbout } from '../support/payload-checker.ts'
import { type Scene, sha, startScene } from './handing-out.ts'

let scene: Scene

beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.world.close())

const options = planned('x').options

describe('a payload', () => {
  test('is what a runner decodes, with every key of ours and no other', async () => {
    const { payload } = await scene.handOut([planned('build')])
    expect(complaintsAbout(payload)).toEqual([])
    expect(jobPayloadEntity.strict().parse(JSON.parse(JSON.stringify(payload)))).toEqual(payload)
  })

  test('clones with its own token, from its own refs', async () => {
    const { payload } = await scene.handOut([planned('build')])
    expect(payload.token).toMatch(/^glcbt-64_[A-Za-z0-9_-]{20}$/)
    expect(payload.git_info).toMatchObject({
      repo_url: `https://gitlab-ci-token:${payload.token}@git.example.org/team/app.git`,
      repo_object_format: 'sha1',
      ref: 'main',
      sha,
      before_sha: '0'.repeat(40),
      ref_type: 'branch',
      refspecs: [
        `+refs/pipelines/${payload.job_info.pipeline_id}:refs/pipelines/${payload.job_info.pipeline_id}`,
        '+refs/heads/main:refs/remotes/origin/main',
      ],
      depth: 20,
      protected: false,
    })
  })

  const depths: [string, number, string[]][] = [
    ['3', 3, ['+refs/heads/main:refs/remotes/origin/main']],
    ['0', 0, ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']],
    ['all', 0, ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']],
  ]
  test.each(depths)('GIT_DEPTH %s fetches %i', async (value, depth, refspecs) => {
    const variables = [{ key: 'GIT_DEPTH', value, raw: false }]
    const { payload } = await scene.handOut([planned('build', 0, { variables })])
    expect(payload.git_info.depth).toBe(depth)
    expect(payload.git_info.refspecs.slice(1)).toEqual(refspecs)
  })

  test('of a tag fetches the tag', async () => {
    const { payload, value } = await scene.handOut([planned('build')], { ref: 'v1', tag: true })
    expect(payload.git_info).toMatchObject({ ref_type: 'tag', ref: 'v1' })
    expect(payload.git_info.refspecs.at(-1)).toBe('+refs/tags/v1:refs/tags/v1')
    expect([value('CI_COMMIT_TAG'), value('CI_COMMIT_BRANCH')]).toEqual(['v1', undefined])
  })

  test('gives the time that was left to it, and the steps', async () => {
    const script = { ...options, script: ['one', 'two'], afterScript: ['three'] }
    const { payload } = await scene.handOut([planned('build', 0, { options: script })])
    expect(payload.runner_info.timeout).toBe(600)
    expect(payload.steps).toEqual([
      { name: 'script', script: ['one', 'two'], timeout: 600, when: 'on_success', allow_failure: false },
      { name: 'after_script', script: ['three'], timeout: 600, when: 'always', allow_failure: true },
    ])
    expect((await scene.handOut([planned('quick', 0, { timeout: 30 })])).payload.runner_info.timeout).toBe(30)
  })

  test('passes on what the configuration says', async () => {
    const asWritten = {
      image: { name: 'alpine', entrypoint: [''] },
      services: [{ name: 'postgres', alias: 'db' }],
      artifacts: [
        { name: 'out', paths: ['out/'], when: 'always', artifact_type: 'archive', artifact_format: 'zip', expire_in: '1 day' },
      ],
      cache: [{ key: 'default', paths: ['m/'], policy: 'pull', when: 'on_success' }],
      hooks: [{ name: 'pre_get_sources_script', script: ['true'] }],
    }
    const { payload } = await scene.handOut([planned('build', 0, { options: { ...options, ...asWritten } })])
    expect(payload).toMatchObject(asWritten)
    expect(complaintsAbout(payload)).toEqual([])
  })

  test('says how many jobs of the project run on such runners, and how long this one waited', async () => {
    const { payload } = await scene.handOut([planned('build')])
    expect(payload.job_info.project_jobs_running_on_instance_runners_count).toBe('5+')
    expect(payload.job_info.time_in_queue_seconds).toBe(5)
  })
})

describe('dependencies', () => {
  const finishTwo = async (last: ReturnType<typeof planned>) => {
    await scene.handOut([planned('one'), planned('two'), planned('three'), last])
    await scene.next()
    await scene.next()
    const ids = [await scene.finish('one', true), await scene.finish('two', true), await scene.finish('three', false)]
    await scene.world.store.write
      .updateTable('jobs')
      .set({ status: 'pending', queued_at: '2026-03-10T11:00:00.000Z' })
      .where('name', '=', last.name)
      .where('status', '=', 'created')
      .execute()
    const handed = await scene.next()
    return { ids, ...handed }
  }

  const need = (job: string, artifacts = true) => ({ job, artifacts, optional: false })
  const cases: [string, Partial<ReturnType<typeof planned>>, string[]][] = [
    ['all of earlier stages that have an archive', {}, ['one', 'two']],
    ['only those named', { options: { ...options, dependencies: ['two', 'three'] } }, ['two']],
    ['none where none is named', { options: { ...options, dependencies: [] } }, []],
    ['those of needs', { needs: [need('one'), need('two', false)] }, ['one']],
  ]
  test.each(cases)('%s', async (_title, more, names) => {
    const { payload, ids } = await finishTwo(planned(`last-${names.join('-')}-${Object.keys(more)}`, 1, more))
    expect(payload.dependencies.map(({ name }) => name)).toEqual(names)
    for (const dependency of payload.dependencies) {
      expect(ids).toContain(dependency.id)
      expect(dependency).toMatchObject({ token: payload.token, artifacts_file: { filename: 'artifacts.zip', size: 12 } })
    }
    expect(complaintsAbout(payload)).toEqual([])
  })
})
