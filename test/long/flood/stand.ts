import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { Scene } from '../../journeys/scene.ts'
import type { Start } from '../../support/sallyport.ts'
import { memoryOf } from '../memory.ts'
import type { attacks, Target } from './attacks.ts'
import { startCompanion } from './companion.ts'
import { workHonestly } from './honest.ts'
import { type Peaks, watch } from './watch.ts'

const mebibyte = 2 ** 20

/** How long somebody works before and during a flood, in milliseconds. */
const span = Number(process.env['FLOOD_SECONDS'] ?? 10) * 1_000

/** What part of each flood there is: less for a machine that has not two cores for it. */
const scale = Number(process.env['FLOOD_SCALE'] ?? 1)

/** What is aimed at for every flood. A test that has other bounds falls short of this, and they are what it was measured at. */
const aims = { health: 100, work: 0.5 } as const

/** What a flood may cost: mebibytes over an idle server, and processes of git. */
export interface Bounds {
  readonly memory: number
  readonly gits: number
  /** How soon the server says that it is well, in milliseconds, in 99 of 100 cases. */
  readonly health?: number
  /** The part of their speed that is left to those who work. */
  readonly work?: number
}

type Flood = readonly (readonly [name: keyof typeof attacks, count: number])[]

/** Times in milliseconds. */
interface Probed {
  readonly asked: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  readonly most: number
}

const notAsked: Probed = { asked: 0, failed: Number.NaN, p50: Number.NaN, p99: Number.NaN, most: Number.NaN }

interface Seen {
  readonly rounds: number
  readonly peaks: Peaks
  readonly health: Probed
  /** Of a server beside it that nobody floods. */
  readonly control: Probed
}

/** A server of two workers before which somebody honest works, with figures of how both fare under a flood. */
export class Stand {
  readonly scene: Scene
  readonly #idle: number
  readonly #target: Omit<Target, 'count'>

  private constructor(scene: Scene, idle: number, target: Omit<Target, 'count'>) {
    this.scene = scene
    this.#idle = idle
    this.#target = target
  }

  static async open({ env = {}, flags = [] }: Start = {}): Promise<Stand> {
    const trusting = { SALLYPORT_TRUSTED_PROXIES: '127.0.0.0/8', SALLYPORT_LOG_LEVEL: 'error', ...env }
    const scene = await Scene.open({ workers: 2, env: trusting, flags })
    await scene.project('work')
    await scene.project('victim', { visibility: 'public' })
    const { token } = scene.who('maintainer')
    const directory = `${scene.client.directory}/seed-victim`
    execFileSync('openssl', ['rand', '-out', `${directory}/noise`, String(4 * mebibyte)])
    await scene.client.git(['add', 'noise'], { cwd: directory })
    const want = await scene.client.commit(directory, 'noise')
    await scene.client.git(['push', '-q', scene.client.url('castle/victim', 'x', token), 'main'], { cwd: directory })
    const { http, ssh, process } = scene.server
    const target = { http: Number(new URL(http).port), ssh: ssh.port, path: 'castle/victim', want, token }
    await workHonestly(scene, 1_000)
    return new Stand(scene, await memoryOf(process.pid ?? 0), target)
  }

  /** Floods it; holds what the honest and the watchers see against the bounds, and prints the figures. */
  async flood(flood: Flood, bounds: Bounds, about: Partial<Target> = {}): Promise<Record<string, Record<string, number>>> {
    const pid = this.scene.server.process.pid ?? 0
    const quiet = await this.#seen(pid)
    const attackers = await Promise.all(
      flood.map(([name, count]) =>
        startCompanion('attacker', [name, JSON.stringify({ ...this.#target, ...about, count: Math.ceil(count * scale) })]),
      ),
    )
    await pause(1_000)
    const flooded = await this.#seen(pid)
    const tallies = await Promise.all(attackers.map((attacker) => attacker.stop<Record<string, number>>()))
    const told = Object.fromEntries(flood.map(([name], at) => [name, tallies[at] ?? {}]))
    const figures = {
      flood: Object.fromEntries(flood),
      scale,
      health: flooded.health,
      control: flooded.control,
      quiet: { health: quiet.health, control: quiet.control },
      rounds: { before: quiet.rounds, during: flooded.rounds, part: flooded.rounds / quiet.rounds },
      memory: { idle: this.#idle / mebibyte, most: flooded.peaks.memory / mebibyte },
      gits: flooded.peaks.gits,
      told,
    }
    console.log(JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value)))
    expect(flooded.health.failed).toBe(0)
    // What keeps servers waiting that have nothing to do is this machine, and not the flood.
    const { health, work } = { ...aims, ...bounds }
    expect(flooded.health.p99).toBeLessThanOrEqual(health + Math.max(flooded.control.p99, quiet.health.p99))
    expect(flooded.rounds).toBeGreaterThanOrEqual(quiet.rounds * work)
    expect(flooded.peaks.memory).toBeLessThan(this.#idle + bounds.memory * mebibyte)
    expect(flooded.peaks.gits).toBeLessThanOrEqual(bounds.gits)
    expect(this.scene.server.log.filter((line) => Number(line['level']) >= 50)).toEqual([])
    return told
  }

  async #seen(pid: number): Promise<Seen> {
    const control = await startCompanion('control', [])
    const port = String((JSON.parse(control.said) as { port: number }).port)
    const prober = await startCompanion('prober', [String(this.#target.http), port])
    const watching = watch(pid)
    try {
      const rounds = await workHonestly(this.scene, span)
      const [health = notAsked, calm = notAsked] = await prober.stop<Probed[]>()
      return { rounds, peaks: await watching.stop(), health, control: calm }
    } finally {
      await Promise.all([watching.stop(), control.stop()])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]()
  }
}
