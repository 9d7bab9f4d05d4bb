import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Curve, Point } from '../curve.ts'
import { startWithOne } from '../groups/stored.ts'
import { lsRefs, type Request, rateOf } from '../load.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import { authorizationOf } from '../server.ts'
import { StoredCrowd, tokenValue } from '../stored.ts'
import { pointAt } from './grow.ts'

/** The same question, asked with each of so many tokens in turn. */
const inTurn = async ({ directory, client }: Scene, request: Request, count: number): Promise<Request> => {
  const authorizations = join(directory, 'authorizations')
  const { login } = client.credentials
  const lines = Array.from({ length: count }, (_, number) =>
    authorizationOf({ ...client.credentials, login, token: tokenValue(number) }),
  )
  await writeFile(authorizations, `${lines.join('\n')}\n`, { mode: 0o600 })
  return { ...request, authorizations }
}

/** What a question about refs costs as more tokens are stored: asked with one of them, and with all in turn. */
export const growthOfTokens = async (scene: Scene): Promise<Curve[]> => {
  const { options, directory, client } = scene
  const places = options.quick ? [1, 1_000] : [1, 10, 100, 1_000, 10_000, 100_000]
  const runs = options.quick ? 1 : 3
  await using server = await startWithOne(scene, 'tokens-home')
  using crowd = new StoredCrowd(join(directory, 'tokens-home'))
  const request = lsRefs(server.http.url('small'), client.credentials)
  const points: { same: Point[]; all: Point[] } = { same: [], all: [] }
  for (const x of places) {
    progress(`scale: tokens, ${x}`)
    crowd.growTokens(x)
    points.same.push(await pointAt(x, 'requests/s', runs, () => rateOf(directory, 2, request)))
    const turning = await inTurn(scene, request, x)
    points.all.push(await pointAt(x, 'requests/s', runs, () => rateOf(directory, 2, turning)))
  }
  return [
    {
      name: 'tokens',
      title: 'Questions about refs (ls-refs) answered in a second',
      across: 'tokens stored',
      up: 'requests per second, 8 connections',
      unit: 'requests/s',
      logarithmic: false,
      series: [
        { name: 'always the same token', of: 'sallyport', points: points.same },
        { name: 'each token in turn', of: 'sallyport', points: points.all },
      ],
    },
  ]
}
