/**
 * A program of its own, so that its memory and its time are not the bench's: logs in so often over SSH, says `open` when
 * all are there, and holds the connections until its standard input ends.
 *
 *     node bench/ssh-connections.ts HOST PORT USER KEY-FILE COUNT
 */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Client } from 'ssh2'

/** So many log in at the same time: a server bounds those that have not. */
const atOnce = 20

const [host, port, username, keyFile = '', count] = process.argv.slice(2)
const privateKey = readFileSync(keyFile)
const clients: Client[] = []

const open = async (): Promise<void> => {
  const client = new Client()
  const ready = once(client, 'ready')
  client.connect({
    host: host ?? '',
    port: Number(port),
    username: username ?? '',
    privateKey,
    algorithms: { kex: ['curve25519-sha256'], cipher: ['aes128-gcm@openssh.com'] },
  })
  await ready
  // One that the server ends from now on would make the figure wrong.
  client.on('close', () => process.exit(1))
  clients.push(client)
}

const work = async (): Promise<void> => {
  while (left > 0) {
    left -= 1
    await open()
  }
}

let left = Number(count)
await Promise.all(Array.from({ length: atOnce }, work))
console.log('open')
process.stdin.resume()
await once(process.stdin, 'end')
process.exit(0)
