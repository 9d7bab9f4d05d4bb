import { rm } from 'node:fs/promises'
import { expect } from 'vitest'
import { Api } from '../../support/api.ts'
import { Client } from '../../support/client.ts'
import type { Sallyport } from '../../support/sallyport.ts'
import { check } from './check.ts'
import { botTokens, branching, makingByPush, ownTokens, projects, pushing } from './clients.ts'
import { kill, type Victim, victims } from './kill.ts'
import { begin, type Life, makeWorld, type World } from './world.ts'

const everybody = [pushing('http'), pushing('ssh'), pushing('bulk'), branching, ownTokens, botTokens, projects, makingByPush]

const lifeOf = async (world: World, server: Sallyport): Promise<Life> => {
  const client = await Client.make(server)
  return { world, server, client, api: new Api(server.http), over: false }
}

/** Everybody works until somebody is killed; nothing new is begun then, and what was begun ends with an answer or without. */
const workUntilKilled = async (life: Life, victim: Victim, longestLife: number): Promise<'gone' | 'lives'> => {
  const working = Promise.all(everybody.map((work) => work(life)))
  working.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * longestLife))
  const end = await kill(life.server, victim)
  life.over = true
  await working
  return end
}

const whole = (server: Sallyport): Promise<unknown> => server.logged((line) => line['msg'] === 'a worker joined')

/**
 * Kills a server in the middle of its work again and again, each time looking whether it kept its word.
 * @param longestLife in milliseconds
 */
export const killRounds = async (rounds: number, longestLife = 900): Promise<void> => {
  const { world, server: first } = await makeWorld()
  let server = first
  try {
    for (let round = 0; round < rounds; round += 1) {
      await whole(server)
      const victim = victims[round % victims.length] ?? 'everything'
      const life = await lifeOf(world, server)
      if ((await workUntilKilled(life, victim, longestLife)) === 'gone') server = await begin(world.home)
      const after = await lifeOf(world, server)
      await check(after, round === rounds - 1).catch((fault: unknown) => {
        const told = server.log.filter(({ err }) => err !== undefined)
        throw new Error(`after ${victim} was killed in round ${round}: ${JSON.stringify(told)}`, { cause: fault })
      })
      await life.client[Symbol.asyncDispose]()
      await after.client[Symbol.asyncDispose]()
    }
    const { refs, tokens, projects: made } = world
    console.info(
      JSON.stringify({
        rounds,
        acknowledged: [refs, tokens, made].map((one) => one.acknowledged),
        unanswered: [refs, tokens, made].map((one) => one.unanswered),
      }),
    )
    for (const ledger of [refs, tokens, made]) expect(ledger.acknowledged).toBeGreaterThan(0)
  } finally {
    await server.stop()
    await world.client[Symbol.asyncDispose]()
    await rm(world.home, { recursive: true, force: true })
  }
}
