import { generateKeyPairSync } from 'node:crypto'
import type { Person, Place, Stage } from './access-stage.ts'

let last = 0
/** A number that was not given out before. */
export const next = (): number => {
  last += 1
  return last
}

const framed = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A new key, as `authorized_keys` has it. */
export const publicKey = (): string => {
  const { publicKey: key } = generateKeyPairSync('ed25519')
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32)
  return `ssh-ed25519 ${Buffer.concat([framed(Buffer.from('ssh-ed25519')), framed(raw)]).toString('base64')}`
}

type Maker = (stage: Stage, place: Place, caller: Person) => Promise<string | number>

export const token = { name: 'token', scopes: ['api'] }

const trust = {
  name: 'trust',
  issuer: 'https://ci.example.com',
  audience: 'a',
  claims: { sub: 'x' },
  access_level: 20,
  scopes: ['read_repository'],
}

/** How each word of a path or body comes to stand for something that is there: `:projectToken`. */
export const makers: Readonly<Record<string, Maker>> = {
  group: async (_stage, { group }) => group,
  project: async (_stage, { project }) => project,
  absent: async () => 999_999,
  fresh: async () => `fresh-${next()}`,
  freshName: async () => `NAME_${next()}`,
  publicKey: async () => publicKey(),
  me: async (_stage, _place, caller) => caller.id,
  user: async (stage) => stage.newUser(),
  newcomer: async (stage) => stage.newUser(),
  projectToken: async (stage, { project }) =>
    (await stage.make(`/projects/${project}/access_tokens`, { ...token, access_level: 30 })).id,
  ownerToken: async (stage, { project }) =>
    (await stage.make(`/projects/${project}/access_tokens`, { ...token, access_level: 50 })).id,
  otherToken: async (stage) => (await stage.make(`/projects/${stage.other}/access_tokens`, token)).id,
  groupToken: async (stage, { group }) => (await stage.make(`/groups/${group}/access_tokens`, { ...token, access_level: 30 })).id,
  deployToken: async (stage, { project }) => stage.newDeployToken(`/projects/${project}`),
  otherDeployToken: async (stage) => stage.newDeployToken(`/projects/${stage.other}`),
  groupDeployToken: async (stage, { group }) => stage.newDeployToken(`/groups/${group}`),
  deployKey: async (stage, { project }) => stage.newDeployKey(`/projects/${project}`),
  otherDeployKey: async (stage) => stage.newDeployKey(`/projects/${stage.other}`),
  offeredKey: async (stage) => stage.newDeployKey(''),
  member: async (stage, { project }) => stage.newMember(`/projects/${project}`, 30),
  ownerMember: async (stage, { project }) => stage.newMember(`/projects/${project}`, 50),
  groupMember: async (stage, { group }) => stage.newMember(`/groups/${group}`, 30),
  branch: async (stage, { project }) =>
    (await stage.make(`/projects/${project}/protected_branches`, { name: `b${next()}` })).name,
  tag: async (stage, { project }) => (await stage.make(`/projects/${project}/protected_tags`, { name: `t${next()}` })).name,
  mine: async (stage, _place, caller) => (await stage.world.addToken(caller.id)).id,
  mineImpersonated: async (stage, _place, caller) => (await stage.world.addToken(caller.id, { impersonation: 1 })).id,
  theirs: async (stage) => (await stage.world.addToken(await stage.newUser())).id,
  impersonated: async (stage) => (await stage.world.addToken(stage.world.people.stranger.id, { impersonation: 1 })).id,
  strangerId: async (stage) => stage.world.people.stranger.id,
  secret: async (stage) => (await stage.world.addToken(await stage.newUser())).token,
  account: async (stage) => (await stage.make('/service_accounts', {})).id,
  groupAccount: async (stage, { group }) => (await stage.make(`/groups/${group}/service_accounts`, {})).id,
  application: async (stage) => (await stage.make('/applications', { name: 'a', redirect_uri: 'urn:x', scopes: 'api' })).id,
  myApplication: async (stage, _place, caller) => stage.newApplication(caller.id),
  trust: async (stage, { project }) => (await stage.make(`/projects/${project}/sallyport/trusts`, trust)).id,
  otherTrust: async (stage) => (await stage.make(`/projects/${stage.other}/sallyport/trusts`, trust)).id,
  groupTrust: async (stage, { group }) => (await stage.make(`/groups/${group}/sallyport/trusts`, trust)).id,
  trigger: async (stage, place) => stage.newTrigger(place, stage.world.people.root.id),
  myTrigger: async (stage, place, caller) => stage.newTrigger(place, caller.id),
  variable: async (stage, { project }) => stage.newVariable(`/projects/${project}`),
  groupVariable: async (stage, { group }) => stage.newVariable(`/groups/${group}`),
  mail: async () => `m${next()}@example.org`,
  invited: async (stage, { project }) => {
    const email = `m${next()}@example.org`
    await stage.make(`/projects/${project}/invitations`, { email, access_level: 30 })
    return email
  },
  runner: async (stage, { project }) =>
    (await stage.make('/user/runners', { runner_type: 'project_type', project_id: project })).id,
  groupRunner: async (stage, { group }) => (await stage.make('/user/runners', { runner_type: 'group_type', group_id: group })).id,
  instanceRunner: async (stage) => (await stage.make('/user/runners', { runner_type: 'instance_type' })).id,
  tracedJob: async (stage, place) => stage.newTrace((await stage.newPipeline(place)).job),
  victim: async (stage, { group }) => (await stage.make('/projects', { path: `p${next()}`, namespace_id: group })).id,
  victimGroup: async (stage, { group }) => (await stage.make('/groups', { name: 'g', path: `g${next()}`, parent_id: group })).id,
  otherProject: async (stage) => stage.other,
  listedProject: async (stage, place) => stage.newListed(place, 'victim'),
  listedGroup: async (stage, place) => stage.newListed(place, 'victimGroup'),
  pipeline: async (stage, place) => (await stage.newPipeline(place)).pipeline,
  job: async (stage, place) => (await stage.newPipeline(place)).job,
  endedJob: async (stage, place) => (await stage.newPipeline(place, 'failed')).job,
  manualJob: async (stage, place) => (await stage.newPipeline(place, 'manual')).job,
  lease: async (stage, place) => stage.newLease(place),
  myKey: async (stage, _place, caller) => stage.newKey(caller.id),
  strangersKey: async (stage) => stage.newKey(stage.world.people.stranger.id),
}

/** Words that name what outlives a request; all others are made anew once a request that named them has changed something. */
export const lasting = new Set(['group', 'project', 'absent', 'me', 'strangerId'])

/** Words that name something of the caller's own; all others stand for one thing, whoever asks. */
export const ownWord = /^my|^mine/
