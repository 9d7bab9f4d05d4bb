import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { startBrowser } from '../support/browser.ts'
import { startCatcher } from '../support/redirect-catcher.ts'
import { rootPassword, startSallyport } from '../support/sallyport.ts'

test('a person signs in with a browser that runs no scripts, agrees, and the program gets a token of hers', async () => {
  await using server = await startSallyport()
  await using catcher = await startCatcher()
  const application = await new Api(server.http).make('POST', '/applications', {
    name: 'Credential helper',
    redirect_uri: 'http://127.0.0.1/callback',
    scopes: 'read_user write_repository',
    confidential: false,
  })
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: application.application_id,
    redirect_uri: catcher.uri,
    response_type: 'code',
    scope: 'read_user write_repository',
    state: 'state of the program',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const browser = await startBrowser()
  try {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await page.goto(`${server.http}/oauth/authorize?${query}`)
    await page.getByLabel('Username or primary email').fill('root')
    await page.getByLabel('Password').fill(rootPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Authorize Credential helper?' }).waitFor()
    expect(await page.getByRole('listitem').allTextContents()).toEqual([
      'Read your profile read_user',
      'Read and change the repositories that you can push to write_repository',
    ])
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.waitForURL(`${catcher.uri}?**`)
  } finally {
    await browser.close()
  }
  const came = await catcher.caught
  expect(came.get('state')).toBe('state of the program')
  const response = await fetch(`${server.http}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: application.application_id,
      redirect_uri: catcher.uri,
      code: came.get('code') ?? '',
      code_verifier: verifier,
    }),
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  const who = await fetch(`${server.http}/api/v4/user`, { headers: { Authorization: `Bearer ${token}` } })
  expect(await who.json()).toMatchObject({ username: 'root' })
})
