import { type IncomingMessage, request } from 'node:http'

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text

export interface StalledFetch {
  /** The project's address, with `.git`. */
  readonly url: string
  readonly login: string
  readonly secret: string
  /** Object id. */
  readonly want: string
}

/** Asks for everything and reads nothing yet: the transfer stands, with git behind it. */
export const stalledFetch = ({ url, login, secret, want }: StalledFetch): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const body = `${packet('command=fetch\n')}0001${packet('no-progress\n')}${packet(`want ${want}\n`)}${packet('done\n')}0000`
    const asked = request(`${url}/git-upload-pack`, {
      method: 'POST',
      agent: false,
      headers: {
        Authorization: `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`,
        'Content-Type': 'application/x-git-upload-pack-request',
        'Git-Protocol': 'version=2',
      },
    })
    asked.on('response', resolve)
    asked.on('error', reject)
    asked.end(body)
  })
