import { Gate } from '../../src/access/gate.ts'
import { makeFactSource } from '../../src/access/gather.ts'
import { RunningTransfers } from '../../src/access/running.ts'
import { ConnectionRoom } from '../../src/connections.ts'
import type { GitEngine } from '../../src/git/engine.ts'
import { makeHttpDoor } from '../../src/http/server.ts'
import { storedFacts } from '../../src/store/facts.ts'
import { StoredCredentials } from '../../src/store/lookups.ts'
import type { World } from '../http/api/world.ts'

const noGit = new Proxy<Partial<GitEngine>>(
  {},
  {
    get: () => {
      throw new Error('git was asked')
    },
  },
)

/** The door for git over a world's store: git itself is never asked, and each look at the disk is counted. */
export const openGitDoor = async (world: World) => {
  const { settings, activity, throttles, log, clock, passwords, ban } = world.parts
  let looks = 0
  const disk = {
    exists: async () => {
      looks += 1
      return true
    },
    refs: async () => {
      looks += 1
      return new Map<string, string>()
    },
  }
  const gate = new Gate({
    lookups: new StoredCredentials(world.store.read, passwords as ConstructorParameters<typeof StoredCredentials>[1], clock),
    facts: makeFactSource(storedFacts(world.store, clock), disk, () => world.url),
    create: () => Promise.reject(new Error('nothing is made here')),
    impersonationEnabled: true,
    registryEnabled: false,
    ban,
    usage: activity.usage,
    clock,
  })
  const door = makeHttpDoor({
    settings,
    gate,
    engine: noGit as GitEngine,
    running: new RunningTransfers(
      async () => 1,
      () => {},
    ),
    refusals: activity.refusals,
    throttles,
    log,
    api: (_request, response) => void response.end(),
    isReady: () => true,
    figures: async () => undefined,
    room: new ConnectionRoom(100),
    clock,
  })
  const { port } = await door.listen({ host: '127.0.0.1', port: 0 })
  return { url: `http://127.0.0.1:${port}`, looks: () => looks, close: () => door.stop(0) }
}
