import { spawn } from 'node:child_process'

export const zeroId = '0'.repeat(40)

const packet = (text: string): string => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text

/** A push as git would send it, with commands as the attacker likes them. */
export const pushBody = (commands: readonly string[], pack: Buffer): Buffer => {
  const lines = commands.map((command, index) =>
    packet(index === 0 ? `${command}\0 report-status side-band-64k object-format=sha1` : command),
  )
  return Buffer.concat([Buffer.from(`${lines.join('')}0000`), pack])
}

/** Everything that is reachable from a commit, as a pack. */
export const packOf = (directory: string, tip: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const git = spawn('git', ['pack-objects', '--revs', '--stdout', '-q'], { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    git.on('error', reject)
    git.on('close', () => resolve(Buffer.concat(chunks)))
    git.stdin.end(`${tip}\n`)
  })

export const postPush = (repository: string, body: Buffer, authorization: string | undefined): Promise<Response> =>
  fetch(`${repository}/git-receive-pack`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: {
      'Content-Type': 'application/x-git-receive-pack-request',
      ...(authorization !== undefined && { Authorization: authorization }),
    },
  })
