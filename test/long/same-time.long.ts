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

/**
 * Asks both in turn, in changing order, and says how far they are apart: by the median of the differences within a pair,
 * which what else the machine does meets alike. All in milliseconds.
 */
const compare = async (rounds: number, one: () => Promise<unknown>, other: () => Promise<unknown>) => {
  const [apart, whole]: [number[], number[]] = [[], []]
  for (let round = -20; round < rounds; round += 1) {
    const [first, second] = round % 2 === 0 ? [one, other] : [other, one]
    const [before, after] = [await timeOf(first), await timeOf(second)]
    if (round < 0) continue
    apart.push(round % 2 === 0 ? before - after : after - before)
    whole.push(before)
  }
  return { apart: Math.abs(median(apart)), noise: errorOf(apart), of: median(whole) }
}

/** In milliseconds: less than what a network adds from one request to the next. */
const unheard = 0.1

/** Within the noise of this very series, or too little to be heard. */
const expectSame = (what: string, { apart, noise, of }: Awaited<ReturnType<typeof compare>>): void => {
  console.log(`${what}: ${apart.toFixed(4)} ms apart, of ${of.toFixed(3)} ms; one deviation ${noise.toFixed(4)} ms`)
  expect(apart).toBeLessThan(Math.max(4 * noise, unheard))
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
