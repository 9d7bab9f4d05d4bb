interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Told for each worker by itself; all others are added up over the processes of the server. */
  readonly perWorker?: true
}

/**
 * Every figure of a running server, by Prometheus' rules for names. A label takes words of ours alone: never a path, a
 * name, an address or anything else that a client wrote.
 */
export const families = {
  requests: {
    name: 'sallyport_requests_total',
    help: 'Requests and SSH commands that were answered',
    type: 'counter',
    labels: ['door', 'kind', 'outcome'],
  },
  requestSeconds: {
    name: 'sallyport_request_duration_seconds',
    help: 'From the request to the end of its answer',
    type: 'histogram',
    labels: ['door', 'kind'],
  },
  refusals: {
    name: 'sallyport_refusals_total',
    help: 'Requests, logins and connections that were refused or cut off, by the reason that the log has',
    type: 'counter',
    labels: ['door', 'reason'],
  },
  authentications: {
    name: 'sallyport_authentications_total',
    help: "Credentials that were judged; none: nothing was shown; unrecognised: what was shown is nobody's",
    type: 'counter',
    labels: ['door', 'credential', 'outcome'],
  },
  connections: {
    name: 'sallyport_connections_total',
    help: 'Connections that were accepted',
    type: 'counter',
    labels: ['door'],
    perWorker: true,
  },
  connectionsOpen: {
    name: 'sallyport_connections_open',
    help: 'Connections that are open now',
    type: 'gauge',
    labels: ['door'],
    perWorker: true,
  },
  receivedBytes: {
    name: 'sallyport_received_bytes_total',
    help: 'Bytes that came over the connections',
    type: 'counter',
    labels: ['door'],
  },
  sentBytes: {
    name: 'sallyport_sent_bytes_total',
    help: 'Bytes that went over the connections',
    type: 'counter',
    labels: ['door'],
  },
  transfers: { name: 'sallyport_transfers_running', help: 'Fetches and pushes that run now', type: 'gauge', labels: [] },
  gitStarted: {
    name: 'sallyport_git_processes_started_total',
    help: 'Processes of git that were started',
    type: 'counter',
    labels: ['service'],
  },
  gitRunning: {
    name: 'sallyport_git_processes_running',
    help: 'Processes of git that run now',
    type: 'gauge',
    labels: ['service'],
  },
  gitWaiting: {
    name: 'sallyport_git_requests_waiting',
    help: 'Requests that wait for another process of git to end',
    type: 'gauge',
    labels: [],
  },
  maintained: {
    name: 'sallyport_maintenance_runs_total',
    help: 'Repositories that were looked after; plan: whole, growth, refs, or retirement of old packs',
    type: 'counter',
    labels: ['plan', 'outcome'],
  },
  maintenanceSeconds: {
    name: 'sallyport_maintenance_duration_seconds',
    help: 'How long it took to look after a repository',
    type: 'histogram',
    labels: ['plan'],
  },
  maintaining: {
    name: 'sallyport_maintenance_running',
    help: 'Repositories that are looked after now; never more than one',
    type: 'gauge',
    labels: [],
  },
  fetches: {
    name: 'sallyport_fetch_cache_requests_total',
    help: 'Fetches by how they were answered; hit: from the cache, follow: from what is being made for another, make: by git, direct: past the cache',
    type: 'counter',
    labels: ['how'],
  },
  fetchBytes: {
    name: 'sallyport_fetch_cache_sent_bytes_total',
    help: 'Bytes of answers that went through the fetch cache to clients',
    type: 'counter',
    labels: [],
  },
  fetchCuts: {
    name: 'sallyport_fetch_cache_cuts_total',
    help: 'Answers that broke off behind their beginning',
    type: 'counter',
    labels: [],
  },
  fetchEvictions: {
    name: 'sallyport_fetch_cache_evictions_total',
    help: 'Answers that were removed for their age, or for want of room',
    type: 'counter',
    labels: [],
  },
  lookups: {
    name: 'sallyport_lookups_total',
    help: 'Questions for a credential or a fact that may be remembered, by how they were answered',
    type: 'counter',
    labels: ['how'],
  },
  securityEpoch: {
    name: 'sallyport_security_epoch',
    help: 'Rises with every change of who may do what; what was remembered before is forgotten then',
    type: 'gauge',
    labels: [],
    perWorker: true,
  },
  workers: { name: 'sallyport_workers', help: 'Processes that serve requests now', type: 'gauge', labels: [] },
  workersReplaced: {
    name: 'sallyport_workers_replaced_total',
    help: 'Workers that ended without being told to',
    type: 'counter',
    labels: [],
  },
  started: {
    name: 'sallyport_process_start_time_seconds',
    help: 'When the process was started, in seconds since 1970',
    type: 'gauge',
    labels: [],
    perWorker: true,
  },
  memory: {
    name: 'sallyport_process_resident_memory_bytes',
    help: 'Memory of the process, shared parts counted in full',
    type: 'gauge',
    labels: [],
    perWorker: true,
  },
  processorSeconds: {
    name: 'sallyport_process_cpu_seconds_total',
    help: 'Processor time of the process, without the git that it started',
    type: 'counter',
    labels: [],
    perWorker: true,
  },
  loopSeconds: {
    name: 'sallyport_event_loop_busy_seconds_total',
    help: 'How long the event loop was at work; its rate is the share of time',
    type: 'counter',
    labels: [],
    perWorker: true,
  },
  loopLag: {
    name: 'sallyport_event_loop_lag_seconds',
    help: 'How late a timer of the process was at its last turn',
    type: 'gauge',
    labels: [],
    perWorker: true,
  },
} as const satisfies Record<string, Family>

export type FamilyName = keyof typeof families
type NamesOf<Type extends Family['type']> = {
  [Name in FamilyName]: (typeof families)[Name]['type'] extends Type ? Name : never
}[FamilyName]

export type LabelsOf<Name extends FamilyName> = Readonly<Record<(typeof families)[Name]['labels'][number], string>>

/** Where the parts of a process tell their figures. Costs well under a microsecond, and nobody waits. */
export interface Metrics {
  add<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void
  /** @param value in the unit of the family's name */
  observe<Name extends NamesOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void
  /** A figure that somebody else keeps: `read` is called whenever figures are asked for. */
  follow<Name extends NamesOf<'counter' | 'gauge'>>(name: Name, labels: LabelsOf<Name>, read: () => number): void
}
