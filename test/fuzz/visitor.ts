/** Where the server is told that people find it. */
export const publicAddress = 'http://localhost'

/** What a browser keeps of the pages. */
export interface Visit {
  readonly cookies: string
  /** Of the form on the page that was seen last. */
  readonly token: string
}

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')

const tokenIn = (page: string): string => /name="authenticity_token" value="([^"]+)"/.exec(page)?.[1] ?? ''

export const lookIn = async (base: string): Promise<Visit> => {
  const answer = await fetch(`${base}/users/sign_in`)
  return { cookies: cookiesOf(answer), token: tokenIn(await answer.text()) }
}

/** Throws where the password is not taken. */
export const signIn = async (base: string, login: string, password: string): Promise<Visit> => {
  const before = await lookIn(base)
  const body = new URLSearchParams({ 'user[login]': login, 'user[password]': password, authenticity_token: before.token })
  const headers = { Cookie: before.cookies, Origin: publicAddress }
  const answer = await fetch(`${base}/users/sign_in`, { method: 'POST', body, headers, redirect: 'manual' })
  const cookies = cookiesOf(answer)
  if (answer.status >= 400 || cookies === '') throw new Error(`signing in: ${answer.status}`)
  const page = await fetch(`${base}/-/profile/two_factor_auth`, { headers: { Cookie: cookies } })
  return { cookies, token: tokenIn(await page.text()) }
}
