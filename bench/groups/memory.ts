import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../client.ts'
import { figure, type Row } from '../measure.ts'
import { memoryOf, peakDuring } from '../memory.ts'
import { progress } from '../progress.ts'
import { maintain, shapes } from '../repository.ts'
import { addKey, startSallyport } from '../sallyport.ts'
import { makeSource, type Scene } from '../scene.ts'
import type { Host, Server } from '../server.ts'

const repository = 'huge'

interface Peaks {
  readonly idle: number
  readonly push: number
  readonly clone: number
}

/** A host that was just started; what its memory is, then and at the worst moment of a push and of a clone. */
const peaksOf = async (client: Client, source: string, host: Host): Promise<Peaks> => {
  const place = await host.create(repository)
  const url = host.url(repository)
  await client.remember(url)
  await pause(3_000)
  const idle = memoryOf(host.processes())
  const push = await peakDuring(host.processes, () => client.git(['-C', source, 'push', '-q', '--mirror', '--', url]))
  await maintain(place)
  return { idle, push, clone: await clonePeak(client, host) }
}

const clonePeak = async (client: Client, server: Server): Promise<number> => {
  const peak = await peakDuring(server.processes, () => client.clone(server.url(repository)))
  await client.sweep()
  return peak
}

/** A new server for each door, so that one transfer's memory is not taken for the other's. */
const sallyportPeaks = async (scene: Scene, source: string): Promise<{ http: Peaks; idle: number; ssh: number }> => {
  const { client, node, directory } = scene
  const start = { node, home: join(directory, 'huge-home'), credentials: client.credentials, workers: 1 }
  const http = await (async () => {
    await using server = await startSallyport(start)
    await addKey(server.base, client.credentials)
    return await peaksOf(client, source, server.http)
  })()
  await using server = await startSallyport(start)
  await pause(3_000)
  return { http, idle: memoryOf(server.ssh.processes()), ssh: await clonePeak(client, server.ssh) }
}

const row = (work: string, against: string, peer: number, sallyport: number): Row => ({
  work,
  against,
  peer: figure('bytes', [peer]),
  sallyport: figure('bytes', [sallyport]),
  goal: undefined,
})

/** The servers' own memory (PSS, git's apart) while a large repository passes through them. */
export const memory = async (scene: Scene): Promise<Row[]> => {
  const source = await makeSource(scene.directory, scene.options.quick ? shapes.quickHuge : shapes.huge)
  progress('memory: nginx')
  const nginx = await peaksOf(scene.client, source, scene.nginx)
  progress('memory: sshd')
  const sshd = { idle: memoryOf(scene.sshd.processes()), clone: await clonePeak(scene.client, scene.sshd) }
  progress('memory: sallyport')
  const ours = await sallyportPeaks(scene, source)
  const size = scene.options.quick ? '60 MB' : '330 MB'
  const front = 'nginx + fcgiwrap'
  return [
    row('memory before a large transfer over HTTP', front, nginx.idle, ours.http.idle),
    row(`peak while ${size} are pushed over HTTP`, front, nginx.push, ours.http.push),
    row(`peak while ${size} are cloned over HTTP`, front, nginx.clone, ours.http.clone),
    row('memory before a large transfer over SSH', 'sshd', sshd.idle, ours.idle),
    row(`peak while ${size} are cloned over SSH`, 'sshd', sshd.clone, ours.ssh),
  ]
}
