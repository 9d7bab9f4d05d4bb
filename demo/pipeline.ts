import { Pipelines } from '../test/journeys/pipelines.ts'
import { Runner } from './runner/runner.ts'
import type { Stage } from './stage.ts'
import type { Trace } from './traces.ts'

export const pipelineTitle = 'A pipeline'
export const pipelineAbout =
  'A small runner with the protocol of gitlab-runner takes its jobs, clones by the payload, and sends the log.'

const origin = 'http://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_HOST:$CI_SERVER_PORT'

const configuration = `
stages: [build, test]
variables: {COLOUR: none}
build:
  stage: build
  script:
    - mkdir out
    - echo "made by $GITLAB_USER_LOGIN, colour $COLOUR" > out/made.txt
  artifacts: {paths: [out/]}
test:
  stage: test
  script:
    - cat out/made.txt
    - git clone -q "${origin}/$CI_PROJECT_PATH.git" own && echo "cloned $CI_PROJECT_PATH"
    - git clone -q "${origin}/castle/private.git" other || echo "not castle/private"
    - echo "the token is $CI_JOB_TOKEN"
`

const path = 'pipeline'

/** Lines of a log that tell a story, without colours and commands. */
const told = (log: string): string[] =>
  log.split('\n').filter((line) => /^(?:made by|cloned|remote: .*job token|not castle|the token is)/.test(line))

const logOf = async (pipelines: Pipelines, pipeline: number): Promise<string[]> => {
  const { id } = await pipelines.job(path, pipeline, 'test')
  return told(await pipelines.trace(path, id))
}

const byPush = async (pipelines: Pipelines): Promise<Trace[]> => {
  const { id } = await pipelines.begin(path, configuration)
  const { status } = await pipelines.ended(path, id)
  const lines = await logOf(pipelines, id)
  return [{ what: 'git push', told: `pipeline ${id}: ${status}` }, ...lines.map((line) => ({ what: '  its log', told: line }))]
}

const byTrigger = async ({ scene }: Stage, pipelines: Pipelines): Promise<Trace[]> => {
  const project = `/projects/${scene.id(path)}`
  const made = await scene.api.as(scene.who('maintainer').token).make('POST', `${project}/triggers`, { description: 'tour' })
  const fields = { token: made.token, ref: 'main', variables: { COLOUR: 'blue' } }
  const { id } = await scene.api.as(undefined).make('POST', `${project}/trigger/pipeline`, fields)
  const { status } = await pipelines.ended(path, id)
  const [first = ''] = await logOf(pipelines, id)
  return [
    { what: 'trigger token', told: `pipeline ${id}: ${status}` },
    { what: '  its log', told: first },
  ]
}

/** Registers a runner, pushes a configuration, sets a trigger off; tells what came of it. */
export const runPipeline = async (stage: Stage): Promise<readonly Trace[]> => {
  const pipelines = new Pipelines(stage.scene)
  const token = await pipelines.runnerToken({ runner_type: 'project_type', project_id: stage.scene.id(path) })
  await using _runner = await Runner.start({ url: stage.scene.server.http, token })
  return [
    { what: 'runner token', told: 'the runner registers, and asks for jobs' },
    ...(await byPush(pipelines)),
    ...(await byTrigger(stage, pipelines)),
  ]
}
