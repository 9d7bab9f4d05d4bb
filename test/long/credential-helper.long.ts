import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { password, Scene } from '../journeys/scene.ts'
import { startBrowser } from '../support/browser.ts'
import { run } from '../support/client.ts'

/** Of git-credential-oauth, as it ships. */
const shippedId = '10bfbbf46e5b760b55ce772a262d7a0205eacc417816eb84d37d0fb02c89bb97'

let scene: Scene
let environment: Record<string, string>
let opened: string

beforeAll(async () => {
  scene = await Scene.open()
  const bin = join(scene.client.directory, 'bin')
  opened = join(scene.client.directory, 'opened')
  await mkdir(bin)
  await writeFile(opened, '')
  // The one is asked by newer ones, the other by Debian's.
  for (const program of ['xdg-open', 'open']) {
    await writeFile(join(bin, program), `#!/bin/sh\nprintf '%s\\n' "$1" > '${opened}'\n`)
    await chmod(join(bin, program), 0o755)
  }
  environment = { HOME: scene.client.directory, PATH: `${bin}:${process.env['PATH']}`, GIT_TERMINAL_PROMPT: '0' }
  for (const [name, value] of [
    ['oauthClientId', shippedId],
    ['oauthScopes', 'read_repository write_repository'],
    ['oauthAuthURL', '/oauth/authorize'],
    ['oauthTokenURL', '/oauth/token'],
  ] as const) {
    await run('git', ['config', '--global', `credential.${scene.server.http}.${name}`, value], { env: environment })
  }
})
afterAll(() => scene?.[Symbol.asyncDispose]())

/** The address that the helper has the browser open. */
const nextAddress = async (): Promise<string> => {
  for (;;) {
    const text = (await readFile(opened, 'utf8')).trim()
    if (text !== '') {
      await writeFile(opened, '')
      return text
    }
    await pause(50)
  }
}

const agree = async (address: string): Promise<void> => {
  const browser = await startBrowser()
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(address)
    await page.getByLabel('Username or primary email').fill('developer')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByText('Success').waitFor()
  } finally {
    await browser.close()
  }
}

const helper = () => {
  const { protocol, host } = new URL(scene.server.http)
  const input = `protocol=${protocol.slice(0, -1)}\nhost=${host}\n`
  return run('git-credential-oauth', ['get'], { env: environment, input })
}

const told = (output: string): Record<string, string> =>
  Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

const list = async (login: string, secret: string): Promise<number | null> =>
  (await scene.client.git(['ls-remote', '-q', scene.client.url('castle/private', login, secret)])).code

test('git-credential-oauth asks in the browser, and hands out what git clones with', async () => {
  const [asked] = await Promise.all([helper(), nextAddress().then(agree)])
  const { username = '', password: secret = '' } = told(asked.stdout)
  expect([username, await list(username, secret)]).toEqual(['oauth2', 0])
})

test('git itself clones with it', async () => {
  const cloning = run('git', ['-c', 'credential.helper=oauth', 'clone', '-q', scene.client.url('castle/private'), 'cloned'], {
    env: environment,
    cwd: scene.client.directory,
  })
  await nextAddress().then(agree)
  expect(await cloning).toMatchObject({ code: 0 })
})
