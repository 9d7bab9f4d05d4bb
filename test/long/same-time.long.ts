import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { Passwords } from '../../src/tokens/passwords.ts'
import { openGitDoor } from '../attacks/hidden-git.ts'
import { HiddenScene, places, questionAbout } from '../attacks/hidden-scene.ts'
import { Wire } from '../support/wire.ts'

let scene: HiddenScene
let door: Awaited<ReturnType<typeof openGitDoor>>
let git: Wire

beforeAll(async () => {
  scene = await HiddenScene.open({ SALLYPORT_BAN: 'off' })
  const hash = await new Passwords().hash(new Secret('open sesame'))
  await scene.world.addUser('victim', { password_hash: hash })
  door = await openGitDoor(scene.world)
  git = new Wire(door.url)
})

afterAll(async () => {
  git?.close()
  await door?.close()
  await scene?.close()
})

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0

/** Of a median, in the same unit: the deviation by which it would differ from one series to the next. */
const errorOf = (values: readonly number[]): number => {
  const middle = median(values)
  return (1.253 * 1.483 * median(values.map((value) => Math.abs(value - middle)))) / Math.sqrt(values.length)
}

const timeOf = async (ask: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await ask()
  return performance.now() - started
}

/** Asks both in turn, in changing order, and says how far their medians are apart, in milliseconds and in deviations. */
const compare = async (rounds: number, one: () => Promise<unknown>, other: () => Promise<unknown>) => {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < 20; round += 1) await Promise.all([await one(), await other()])
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) times[0].push(await timeOf(one))
    times[1].push(await timeOf(other))
    if (round % 2 === 1) times[0].push(await timeOf(one))
  }
  const apart = Math.abs(median(times[0]) - median(times[1]))
  const noise = Math.hypot(errorOf(times[0]), errorOf(times[1]))
  return { apart, noise, of: median(times[1]) }
}

/** Within the noise of this very series, or below what anybody can measure over a network. */
const expectSame = (what: string, { apart, noise, of }: Awaited<ReturnType<typeof compare>>): void => {
  console.log(`${what}: medians ${apart.toFixed(4)} ms apart, of ${of.toFixed(3)} ms; one deviation ${noise.toFixed(4)} ms`)
  expect(apart).toBeLessThan(Math.max(4 * noise, 0.02 * of))
}

const basic = (login: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`,
})

const fetchRefs =
  (project: string, headers: Record<string, string> = {}) =>
  () =>
    git.ask('GET', `/${project}.git/info/refs?service=git-upload-pack`, { headers })

describe('the clock says as little as the answer', () => {
  test('an account that is not there, and a wrong password', async () => {
    const told = await compare(150, fetchRefs('vault/gate', basic('absent', 'x')), fetchRefs('vault/gate', basic('victim', 'x')))
    expectSame('passwords', told)
  })

  test('a token that is made up, and one that is nearly right', async () => {
    const token = scene.world.token('owner') ?? ''
    const ask = (secret: string) => () => scene.wire.ask('GET', '/api/v4/user', { headers: { 'PRIVATE-TOKEN': secret } })
    const told = await compare(2_000, ask(`glpat-${'a'.repeat(token.length - 6)}`), ask(`${token.slice(0, -1)}_`))
    expectSame('tokens', told)
  })

  test.each([
    ['nobody', 'anonymous'],
    ['a stranger', 'stranger'],
  ] as const)('a project that is hidden from %s, and one that is not there', async (name, who) => {
    const token = scene.world.token(who)
    const headers = token === undefined ? {} : basic('x', token)
    expectSame(`git, ${name}`, await compare(2_000, fetchRefs('vault/gate', headers), fetchRefs('vault/gata', headers)))
    const shown = token === undefined ? {} : { 'PRIVATE-TOKEN': token }
    const ask = (path: string) => () => scene.wire.ask('GET', `/api/v4/projects/${path}`, { headers: shown })
    expectSame(`API, ${name}`, await compare(2_000, ask('vault%2Fgate'), ask('vault%2Fgata')))
  })
})

describe.each(['anonymous', 'stranger'] as const)('%s', (who) => {
  test('asks every route by every name', async () => {
    const token = scene.world.token(who)
    const found: string[] = []
    let asked = 0
    for (const place of places) {
      for (const [hidden, absent] of scene.names[place.place]) {
        found.push(...(await scene.difference(questionAbout(place, token, hidden), questionAbout(place, token, absent))))
        asked += 2
      }
    }
    console.log(`${who}: ${places.length} routes, ${asked} requests`)
    expect(found).toEqual([])
  })
})
