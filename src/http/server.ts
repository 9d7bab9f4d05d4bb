import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Gate } from '../access/gate.ts'
import type { RunningTransfers } from '../access/running.ts'
import { type Address, formatAddress, inHome, type Settings } from '../config.ts'
import { type ConnectionRoom, listenBacklog } from '../connections.ts'
import type { Clock } from '../core/clock.ts'
import { peerAddress } from '../core/ip-address.ts'
import type { RefusalWatch } from '../core/refused-use.ts'
import type { GitEngine } from '../git/engine.ts'
import { Turns } from '../git/turns.ts'
import { type Logger, tellLine } from '../log.ts'
import { unusableAddress } from '../unusable-address.ts'
import { answerBroken } from './broken-request.ts'
import { type AddressOf, clientAddressBy } from './client-address.ts'
import { framingProblem } from './framing.ts'
import { type GitDoorParts, handleGit } from './git/door.ts'
import { gitWords, isReserved } from './git/words.ts'
import { answerHealth } from './health.ts'
import { HttpConnections } from './http-connections.ts'
import { type HttpLimits, standardLimits } from './limits.ts'
import { answerMetrics, mayMonitorBy, metricsPath } from './metrics.ts'
import { OpenAnswers } from './open-answers.ts'
import { sendText } from './plain-text.ts'
import { logRequest, type Visit } from './request-log.ts'
import { isUnusable, localTarget, readTarget, repeatedHeader, type Unusable } from './target.ts'
import type { Throttles } from './throttles.ts'
import { type CertificateFiles, followCertificate, readCertificate, strictTransport } from './tls.ts'
import { TurnedAway } from './turned-away.ts'

/**
 * Not imported: an import of `node:http` reads every name in it, and so loads Node's whole `fetch`, which no worker uses.
 * That was a tenth of a start, and 10 MB in each worker.
 */
const { createServer } = process.getBuiltinModule('node:http')

export interface HttpDoorParts {
  readonly settings: Settings
  readonly gate: Gate
  readonly engine: GitEngine
  readonly running: RunningTransfers
  readonly refusals: RefusalWatch
  readonly throttles: Throttles
  readonly log: Logger
  /**
   * Everything below `/api/`, `/oauth/`, `/jwt/`, `/.well-known/` and `/-/`. It answers and logs by itself, and tells
   * those who wait with their body that it is wanted.
   */
  readonly api: (request: IncomingMessage, response: ServerResponse) => void
  readonly isReady: () => boolean
  /** The figures of the server, for Prometheus; undefined where they cannot be had now. */
  readonly figures: () => Promise<string | undefined>
  readonly room: ConnectionRoom
  readonly clock: Clock
}

export interface HttpDoor {
  /** Returns the address that was taken; port 0 asks for any. Rejects with `WrongSetting` where it cannot be had. */
  listen(address: Address): Promise<Address>
  /** Takes no more requests, lets running ones end for that long in milliseconds, then cuts them off. */
  stop(graceMs: number): Promise<void>
}

const serverOptions = (limits: HttpLimits) =>
  ({
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.head,
    requestTimeout: 0,
    // Asked by `framingProblem`, which also tells the log.
    requireHostHeader: false,
    connectionsCheckingInterval: limits.lookEvery,
    keepAliveTimeout: limits.keepAlive,
    keepAlive: true,
    noDelay: true,
  }) satisfies ServerOptions

const ignore = (): void => {}

/** Requests that are begun in one turn of the loop: those for health, and of other turns, are not behind a crowd. */
const mostBegun = 2

class NodeHttpDoor implements HttpDoor {
  readonly #parts: HttpDoorParts
  readonly #limits: HttpLimits
  readonly #addressOf: AddressOf
  readonly #mayMonitor: ReturnType<typeof mayMonitorBy>
  readonly #connections = new HttpConnections()
  readonly #open = new OpenAnswers()
  readonly #turnedAway = new TurnedAway()
  readonly #turns = new Turns(mostBegun)
  #server: Server | undefined
  #baseUrl = ''
  #stopFollowing: () => void = ignore
  #stopping = false

  constructor(parts: HttpDoorParts, limits: HttpLimits) {
    this.#parts = parts
    this.#limits = limits
    this.#addressOf = clientAddressBy(parts.settings.trustedProxies)
    this.#mayMonitor = mayMonitorBy(parts.settings)
  }

  async listen(address: Address): Promise<Address> {
    const server = await this.#create()
    this.#server = server
    server.listen({ port: address.port, host: address.host, backlog: listenBacklog })
    await once(server, 'listening').catch((fault: unknown) => {
      throw unusableAddress('http', address, fault)
    })
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the HTTP server has no address')
    const taken = { host: address.host, port: bound.port }
    this.#baseUrl = this.#parts.settings.url ?? `${server instanceof TlsServer ? 'https' : 'http'}://${formatAddress(taken)}`
    return taken
  }

  async stop(graceMs: number): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#stopping = true
    this.#stopFollowing()
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    this.#connections.endSoon()
    const cut = setTimeout(() => {
      this.#parts.running.abortAll()
      server.closeAllConnections()
    }, graceMs)
    await closed
    clearTimeout(cut)
  }

  async #create(): Promise<Server> {
    const { settings, log } = this.#parts
    const files = certificateFiles(settings)
    const options = serverOptions(this.#limits)
    const server =
      files === undefined ? createServer(options) : createTlsServer({ ...options, ...(await readCertificate(files)) })
    if (files !== undefined && server instanceof TlsServer) this.#stopFollowing = followCertificate(server, files, log)
    server.maxHeadersCount = this.#limits.headers
    server.setTimeout(this.#limits.idle)
    server.on('request', (request, response) => this.#take(request, response, false))
    server.on('checkContinue', (request, response) => this.#take(request, response, true))
    server.on('checkExpectation', (request, response) => this.#take(request, response, false, unknownExpectation))
    server.on('clientError', (error, socket) => answerBroken(error, socket, this.#open.hasBegun(socket), log))
    server.prependListener('connection', (socket) => this.#receive(socket))
    return server
  }

  #receive(socket: Socket): void {
    const { room, log } = this.#parts
    if (!room.makeRoom()) {
      const line = {
        door: 'http',
        remote_ip: peerAddress(socket.remoteAddress),
        'meta.refusal_reason': 'too_many_connections',
      }
      tellLine(log, 'warn', line, 'connection refused')
      this.#turnedAway.answer(socket)
    } else {
      room.take(socket, 'http')
      this.#connections.add(socket)
    }
  }

  /** @param refused why it is not looked at further, where that is known already */
  #take(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean, refused?: Unusable): void {
    const { clock, log } = this.#parts
    const address = this.#addressOf(request)
    const visit: Visit = { request, response, id: randomUUID(), address, started: clock(), expectsContinue }
    this.#attend(request, response)
    this.#open.add(request.socket, response)
    request.on('error', ignore)
    response.on('error', ignore)
    response.setHeader('X-Request-Id', visit.id)
    if (this.#baseUrl.startsWith('https:')) response.setHeader('Strict-Transport-Security', strictTransport)
    if (this.#stopping) response.setHeader('Connection', 'close')
    response.on('close', () => this.#stopping && setImmediate(() => this.#server?.closeIdleConnections()))
    const unusable = refused ?? framingProblem(request) ?? this.#route(visit)
    if (unusable === undefined) return
    sendText(response, unusable.status, unusable.text, { Connection: 'close' })
    logRequest(log, clock, visit, 'warn', { status: unusable.status, 'meta.refusal_reason': unusable.reason })
  }

  /** While a request runs, its connection gives way to no other. */
  #attend({ socket }: IncomingMessage, response: ServerResponse): void {
    const { room } = this.#parts
    const connection = this.#connections.heard(socket)
    if (connection === undefined) return
    room.began(connection)
    response.on('close', () => room.ended(connection))
  }

  /** Hands the request to whom it is for, or says why it is for nobody. */
  #route(visit: Visit): Unusable | undefined {
    const { request, response } = visit
    const { api, isReady } = this.#parts
    const method = request.method ?? ''
    request.url = localTarget(request.url ?? '')
    const target = readTarget(request.url)
    if (isUnusable(target)) return target
    const repeated = repeatedHeader(request.headersDistinct)
    if (repeated !== undefined) return repeated
    if (answerHealth(method, target.path, response, isReady) || this.#answerMetrics(visit, target.path)) return undefined
    const words = gitWords(method, target, request.headers)
    if (words === undefined && !isReserved(target)) return nothingHere
    this.#inTurn(() => {
      if (words === undefined) api(request, response)
      else void handleGit(this.#gitParts(), visit, words)
    })
    return undefined
  }

  #inTurn(begin: () => void): void {
    const turn = this.#turns.next()
    if (turn === undefined) begin()
    else void turn.then(begin)
  }

  /** False where the path asks something else, or where there is no such address for the client. */
  #answerMetrics({ request, response, address }: Visit, path: string): boolean {
    if (path !== metricsPath || !this.#mayMonitor(request, address)) return false
    answerMetrics(request.method ?? '', response, this.#parts.figures).catch((fault: unknown) => {
      this.#parts.log.error({ err: fault }, 'the figures could not be told')
      sendText(response, 500, 'Something went wrong on the server.')
    })
    return true
  }

  #gitParts(): GitDoorParts {
    const { gate, engine, running, refusals, throttles, log, clock, settings } = this.#parts
    const bounds = { maxPush: settings.maxPush, fetchPatience: this.#limits.fetchBody }
    return { gate, engine, running, refusals, throttles, log, clock, ...bounds, baseUrl: () => this.#baseUrl }
  }
}

const nothingHere: Unusable = { status: 404, text: 'There is nothing at this address.', reason: 'path_unknown' }

const unknownExpectation: Unusable = {
  status: 417,
  text: 'The header expect may ask for 100-continue only.',
  reason: 'expectation_unknown',
}

const certificateFiles = (settings: Settings): CertificateFiles | undefined =>
  settings.tlsCert === undefined || settings.tlsKey === undefined
    ? undefined
    : { certificate: inHome(settings, settings.tlsCert), key: inHome(settings, settings.tlsKey) }

/** The HTTP door: git's Smart HTTP and the server's health by itself, everything else by `api`. */
export const makeHttpDoor = (parts: HttpDoorParts, limits: HttpLimits = standardLimits): HttpDoor =>
  new NodeHttpDoor(parts, limits)
