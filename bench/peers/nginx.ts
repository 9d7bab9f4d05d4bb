import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../scripts/needs.ts'
import { processesOf } from '../memory.ts'
import { freePort, run, startDaemon, whenListening } from '../processes.ts'
import type { Credentials, Host } from '../server.ts'

interface Place {
  readonly directory: string
  readonly repositories: string
  readonly port: number
}

const temporaryPaths = ['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi']

/** As root, nginx would give its workers to another user, who cannot read our folder. */
const userLine = (): string => (process.getuid?.() === 0 ? 'user root;' : '')

/** What a careful administrator would write: no buffering on disk in between, large buffers, keep-alive. */
const nginxConfiguration = ({ directory, repositories, port }: Place, backend: string): string => `daemon off;
${userLine()}
worker_processes ${availableParallelism()};
pid ${directory}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log ${directory}/access.log;
${temporaryPaths.map((name) => `  ${name}_temp_path ${directory}/${name};`).join('\n')}
  client_max_body_size 0;
  keepalive_requests 1000000;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${port};
    auth_basic "git";
    auth_basic_user_file ${directory}/passwords;
    location / {
      fastcgi_pass unix:${directory}/fcgiwrap.socket;
      fastcgi_buffering off;
      fastcgi_buffer_size 64k;
      fastcgi_buffers 4 64k;
      fastcgi_read_timeout 600s;
      fastcgi_param SCRIPT_FILENAME ${backend};
      fastcgi_param GIT_PROJECT_ROOT ${repositories};
      fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param PATH_INFO $uri;
      fastcgi_param QUERY_STRING $args;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param REMOTE_ADDR $remote_addr;
    }
  }
}
`

const programAt = (name: string): string => {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

export interface Nginx extends Host, AsyncDisposable {
  readonly repositories: string
}

/** nginx asks for the password and hands each request to git's own CGI program. */
export const startNginx = async (directory: string, { login, token }: Credentials): Promise<Nginx> => {
  const place = { directory, repositories: join(directory, 'repositories'), port: await freePort() }
  await mkdir(place.repositories, { recursive: true })
  await writeFile(join(directory, 'nginx.conf'), nginxConfiguration(place, programAt('git-http-backend')))
  // Compared as it is: the cheapest check that nginx has.
  await writeFile(join(directory, 'passwords'), `${login}:{PLAIN}${token}\n`, { mode: 0o600 })
  const logFile = join(directory, 'log')
  const socket = `unix:${join(directory, 'fcgiwrap.socket')}`
  await using stack = new AsyncDisposableStack()
  const backend = stack.use(await startDaemon(programAt('fcgiwrap'), ['-c', '10', '-s', socket], logFile))
  const flags = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', logFile]
  const front = stack.use(await startDaemon(programAt('nginx'), flags, logFile))
  await whenListening(place.port, logFile)
  const started = stack.move()
  return {
    repositories: place.repositories,
    url: (repository) => `http://127.0.0.1:${place.port}/${repository}.git`,
    async create(repository) {
      const path = join(place.repositories, `${repository}.git`)
      await run('git', ['init', '-q', '--bare', '-b', 'main', '--', path])
      return path
    },
    processes: () => [...processesOf([front.pid], 'nginx'), ...processesOf([backend.pid], 'fcgiwrap')],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
