import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'
import type { SshSample } from './git-samples.ts'

const ignore = (): void => {}

/** One login of ssh2's client that runs commands, and begins anew where the server ended it. */
export class ExecLogin {
  readonly #port: number
  readonly #key: string
  #client: ssh2.Client | undefined

  constructor(port: number, key: string) {
    this.#port = port
    this.#key = key
  }

  #open(): Promise<ssh2.Client> {
    return new Promise((resolve, reject) => {
      const client = new ssh2.Client()
      client.once('ready', () => resolve(client))
      client.once('error', reject)
      client.on('error', ignore)
      client.on('close', () => {
        if (this.#client === client) this.#client = undefined
      })
      client.connect({
        host: '127.0.0.1',
        port: this.#port,
        username: 'git',
        privateKey: readFileSync(this.#key),
        readyTimeout: 60_000,
      })
    })
  }

  /** What came back; undefined where neither the channel nor the connection had ended after `patience` milliseconds. */
  async run({ line, protocol, input }: SshSample, patience: number): Promise<string | undefined> {
    this.#client ??= await this.#open()
    const client = this.#client
    return new Promise((resolve) => {
      let output = ''
      const finish = (): void => {
        clearTimeout(timer)
        client.off('close', finish)
        resolve(output)
      }
      const timer = setTimeout(() => resolve(undefined), patience)
      client.on('close', finish)
      client.exec(line, protocol === undefined ? {} : { env: { GIT_PROTOCOL: protocol } }, (fault, channel) => {
        if (fault !== undefined) return finish()
        channel.on('data', (bytes: Buffer) => {
          output += bytes.toString('latin1')
        })
        channel.stderr.resume()
        channel.on('error', ignore)
        channel.on('close', finish)
        channel.end(input)
      })
    })
  }

  close(): void {
    this.#client?.end()
  }
}
