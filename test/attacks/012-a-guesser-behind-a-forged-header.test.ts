/**
 * The attack: a guesser writes `X-Forwarded-For` itself, another address in each request, so that every try is counted
 * for somebody else; or writes the address of somebody whom it wants shut out.
 * What was believed: the first entry of the header is the client, since a proxy is in front.
 * What holds: the header is read from its end, and only for as long as the one who wrote an entry is a trusted proxy. So
 * the guesser is counted by its own address, with a proxy in front or without, and harms no one else.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '../../src/core/project.ts'
import { GitStage } from '../support/git-stage.ts'

const basic = (secret: string) => `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}`

const forgeries: readonly [string, (time: number) => string][] = [
  ['another address each time', (time) => `192.0.2.${time}`],
  ['a chain', (time) => `192.0.2.${time}, 198.51.100.${time}`],
  ['the trusted proxy itself', () => '127.0.0.1'],
  ['an exempt address', () => '10.0.0.1'],
  ['a network of IPv6 each time', (time) => `2001:db8:0:${time}::1`],
  ['nonsense', (time) => `;-) ${time}`],
  ['more entries than anybody reads', (time) => `192.0.2.${time}, `.repeat(1_500)],
]

const open = async (trusted: string) => {
  const stage = await GitStage.open({
    env: { SALLYPORT_BAN: '5/60/3600', SALLYPORT_BAN_EXEMPT: '10.0.0.0/8', SALLYPORT_TRUSTED_PROXIES: trusted },
  })
  const ada = stage.user('ada')
  await stage.project('castle/gate', { roles: new Map([[ada.id as number, 40 as Role]]) })
  const token = stage.token(ada)
  const ask = async (secret: string, forwardedFor: string): Promise<number> => {
    const url = `${stage.url}/castle/gate.git/info/refs?service=git-upload-pack`
    const headers = { Authorization: basic(secret), 'X-Forwarded-For': forwardedFor }
    return (await fetch(url, { headers })).status
  }
  return { stage, token, ask }
}

describe('with nobody in front', () => {
  let at: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    at = await open('')
  })
  afterAll(() => at.stage.close())

  test.each(forgeries)('%s: banned all the same', async (_what, forged) => {
    at.stage.ahead += 4_000_000
    for (let time = 1; time <= 5; time += 1) expect(await at.ask('guess', forged(time))).toBe(401)
    expect(await at.ask(at.token, forged(6))).toBe(403)
    expect(at.stage.bans.at(-1)?.from).toBe('127.0.0.1')
  })
})

describe('with a proxy in front, which adds the address that it sees', () => {
  let at: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    at = await open('127.0.0.1')
  })
  afterAll(() => at.stage.close())

  test.each(forgeries)('%s: banned all the same', async (_what, forged) => {
    at.stage.ahead += 4_000_000
    for (let time = 1; time <= 5; time += 1) expect(await at.ask('guess', `${forged(time)}, 203.0.113.66`)).toBe(401)
    expect(await at.ask(at.token, `${forged(6)}, 203.0.113.66`)).toBe(403)
    expect(at.stage.bans.at(-1)?.from).toBe('203.0.113.66')
  })

  test('and a victim whom the guesser names is not shut out', async () => {
    at.stage.ahead += 4_000_000
    for (let time = 1; time <= 9; time += 1) await at.ask('guess', '198.51.100.7, 203.0.113.66')
    expect(await at.ask(at.token, '198.51.100.7')).toBe(200)
  })
})
