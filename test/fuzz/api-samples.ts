import { request, type Sample } from './requests.ts'

export interface Known {
  /** Of somebody who may do what a Maintainer may. */
  readonly token: string
  /** One that may end. */
  readonly spare: string
  readonly admin: string
  readonly runner: string
  /** A job that runs, with its token. */
  readonly job: { readonly id: number; readonly token: string }
  /** An application, and a refresh token of nobody's. */
  readonly client: { readonly id: string; readonly secret: string }
  readonly project: number
  readonly group: number
  readonly user: number
  /** Cookies and a token of the sign-in form, and the cookies of somebody signed in. */
  readonly form: { readonly cookies: string; readonly token: string }
  readonly session: { readonly cookies: string; readonly token: string }
}

const form = 'Content-Type: application/x-www-form-urlencoded'
const json = 'Content-Type: application/json'
const boundary = 'X-3d1f'

const multipart = (fields: Readonly<Record<string, string>>, file: string): string => {
  const parts = Object.entries(fields).map(([name, text]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${text}`)
  const disposition = `Content-Disposition: form-data; name="${file}"; filename="a.zip"\r\nContent-Type: application/zip`
  const all = [...parts, `${disposition}\r\n\r\nPK\x05\x06${'\0'.repeat(18)}`]
  return `${all.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`
}

const reads = ({ project, group, user }: Known): readonly string[] => [
  `/projects/${project}`,
  '/projects/fuzz%2Fapi?statistics=true&with_custom_attributes=no',
  '/projects?search=fuzz&order_by=id&sort=asc&per_page=2&page=1&min_access_level=30',
  '/projects?pagination=keyset&order_by=id&per_page=1&id_after=1',
  `/projects/${project}/repository/branches?search=ma&per_page=1`,
  `/projects/${project}/repository/tree?ref=main&path=&recursive=true&per_page=3`,
  `/projects/${project}/repository/files/README.md?ref=main`,
  `/projects/${project}/repository/files/a%2Fb/raw?ref=main`,
  `/projects/${project}/repository/commits?ref_name=main&since=2020-01-01T00:00:00Z&path=README.md`,
  `/projects/${project}/repository/commits/main/diff`,
  `/projects/${project}/repository/compare?from=main&to=main~1`,
  `/projects/${project}/repository/merge_base?refs[]=main&refs[]=main`,
  `/projects/${project}/repository/tags?order_by=name&sort=desc`,
  `/projects/${project}/protected_branches/main`,
  `/projects/${project}/pipelines?status=success&ref=main&updated_after=2024-01-01`,
  `/projects/${project}/jobs?scope[]=failed&scope[]=success`,
  `/groups/${group}/members/all?query=a&user_ids=${user}`,
  `/users?username=root&active=true`,
  '/personal_access_tokens?state=active&created_after=2024-01-01T00:00:00.000Z',
  '/user',
  '/namespaces?search=fuzz',
  '/version',
]

const writes = ({ project, group }: Known): readonly (readonly [string, string, string])[] => [
  ['PUT', `/projects/${project}`, '{"description":"d","topics":["a"],"merge_method":"ff"}'],
  ['POST', `/projects/${project}/repository/branches`, '{"branch":"made","ref":"main"}'],
  ['DELETE', `/projects/${project}/repository/branches/made`, ''],
  ['POST', `/projects/${project}/repository/tags`, '{"tag_name":"v1","ref":"main","message":"m"}'],
  [
    'POST',
    `/projects/${project}/protected_branches`,
    '{"name":"x-*","push_access_level":40,"allowed_to_push":[{"access_level":30}]}',
  ],
  [
    'POST',
    `/projects/${project}/access_tokens`,
    '{"name":"t","scopes":["read_api"],"access_level":10,"expires_at":"2026-12-31"}',
  ],
  ['POST', `/projects/${project}/deploy_tokens`, '{"name":"d","scopes":["read_repository"],"username":"x"}'],
  [
    'POST',
    `/projects/${project}/deploy_keys`,
    '{"title":"k","key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlRDDmhqWZ4uuDiZc3IuH1ODJXR6J7T/5E0nOrHBJOt","can_push":true}',
  ],
  ['POST', `/projects/${project}/members`, `{"user_id":1,"access_level":30,"expires_at":"2027-01-01"}`],
  [
    'POST',
    `/projects/${project}/variables`,
    '{"key":"A","value":"v123456789","masked":true,"protected":"false","environment_scope":"*"}',
  ],
  ['POST', `/projects/${project}/pipeline`, '{"ref":"main","variables":[{"key":"A","value":"b"}]}'],
  ['POST', `/projects/${project}/ci/lint`, '{"content":"a:\\n  script: [x]\\n  rules: [{if: \'$A == \\"b\\"\'}]\\n"}'],
  [
    'POST',
    `/projects/${project}/sallyport/trusts`,
    '{"name":"t","issuer":"https://issuer.example.com","audience":"a","claims":{"sub":["x*"]},"access_level":30,"scopes":["write_repository"],"refs":["refs/heads/*"]}',
  ],
  ['PUT', `/projects/${project}/sallyport/push_shield`, '{"enabled":true,"revoke":false}'],
  ['POST', `/groups/${group}/invitations`, '{"email":"a@example.com,b@example.com","access_level":30}'],
  ['POST', `/groups`, '{"name":"g","path":"g","parent_id":1,"visibility":"private"}'],
  ['POST', '/user/keys', '{"title":"k","key":"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== x","usage_type":"auth"}'],
  [
    'POST',
    '/sallyport/token_exchange',
    '{"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","subject_token":"eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlLmNvbSIsImF1ZCI6ImEifQ.AAAA","scope":"read_repository"}',
  ],
]

const apiSamples = (known: Known): Sample[] => {
  const auth = `PRIVATE-TOKEN: ${known.token}`
  return [
    ...reads(known).map((path) => request(`GET /api/v4${path}`, [auth])),
    ...writes(known).map(([method, path, body]) => request(`${method} /api/v4${path}`, [auth, json], body)),
    request(`POST /api/v4/projects/${known.project}/repository/branches`, [auth, form], 'branch=made&ref=main'),
    request(`POST /api/v4/projects/${known.project}/deploy_tokens`, [auth, form], 'name=d&scopes[]=read_repository&scopes[]=x'),
    request('GET /api/v4/users?private_token=x&search=a', [`Authorization: Bearer ${known.token}`]),
    request(
      'POST /api/v4/personal_access_tokens/self/rotate',
      [`PRIVATE-TOKEN: ${known.spare}`, json],
      '{"expires_at":"nonsense"}',
    ),
    request('GET /api/v4/application/settings', [`PRIVATE-TOKEN: ${known.admin}`]),
    request('GET /api/v4/audit_events?created_after=2024-01-01', [`PRIVATE-TOKEN: ${known.admin}`]),
  ]
}

const runnerSamples = ({ runner, job }: Known): Sample[] => [
  request('POST /api/v4/runners/verify', [json], `{"token":"${runner}","system_id":"s_1"}`),
  request(
    'POST /api/v4/jobs/request',
    [json],
    `{"token":"${runner}","system_id":"s_1","last_update":"x","info":{"name":"r","features":{"variables":true},"config":{"gpus":""}}}`,
  ),
  request(
    `PUT /api/v4/jobs/${job.id}`,
    [json],
    `{"token":"${job.token}","state":"running","checksum":"crc32:00000000","exit_code":1}`,
  ),
  request(
    `PATCH /api/v4/jobs/${job.id}/trace`,
    [`JOB-TOKEN: ${job.token}`, 'Content-Range: 0-4', 'Content-Type: text/plain'],
    'hello',
  ),
  request(`GET /api/v4/job`, [`JOB-TOKEN: ${job.token}`]),
  request(`GET /api/v4/jobs/${job.id}/artifacts`, [`JOB-TOKEN: ${job.token}`, 'Range: bytes=0-3']),
  request(
    `POST /api/v4/jobs/${job.id}/artifacts?artifact_format=zip&artifact_type=archive`,
    [`JOB-TOKEN: ${job.token}`, `Content-Type: multipart/form-data; boundary=${boundary}`],
    multipart({ expire_in: '1 day' }, 'file'),
  ),
]

const basic = (login: string, secret: string): string =>
  `Authorization: Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`

const oauthSamples = ({ token, client }: Known): Sample[] => [
  request('GET /jwt/auth?service=container_registry&scope=repository:fuzz/api:pull,push&client_id=docker&offline_token=true', [
    basic('x', token),
  ]),
  request('POST /oauth/token/info', [form], `service=container_registry&grant_type=password&username=x&password=${token}`),
  request(
    'POST /oauth/token',
    [form],
    `grant_type=authorization_code&client_id=${client.id}&client_secret=${client.secret}&code=c&redirect_uri=https://app.example/back`,
  ),
  request('POST /oauth/token', [form, basic(client.id, client.secret)], 'grant_type=refresh_token&refresh_token=abc'),
  request(
    'POST /oauth/token',
    [json],
    `{"grant_type":"urn:ietf:params:oauth:grant-type:device_code","device_code":"x","client_id":"${client.id}"}`,
  ),
  request('POST /oauth/authorize_device', [form], `client_id=${client.id}&scope=read_user`),
  request('POST /oauth/introspect', [form, basic(client.id, client.secret)], `token=${token}`),
  request('POST /oauth/revoke', [form, basic(client.id, client.secret)], 'token=abc&token_type_hint=access_token'),
  request('GET /oauth/authorize?response_type=code&client_id=a&redirect_uri=http://x/&scope=api&state=s&code_challenge=x'),
  request('GET /oauth/userinfo', [`Authorization: Bearer ${token}`]),
  request('GET /.well-known/openid-configuration'),
  request('GET /oauth/discovery/keys'),
]

const pageSamples = ({ form: open, session, client }: Known): Sample[] => {
  const page = (line: string, cookies: string, body = ''): Sample =>
    request(line, [form, 'Origin: http://localhost', `Cookie: ${cookies}`], body)
  const signIn = `user[login]=mallory&user[password]=${encodeURIComponent('wrong horse')}&authenticity_token=${open.token}`
  return [
    page('GET /users/sign_in', open.cookies),
    page('POST /users/sign_in', open.cookies, signIn),
    page('GET /-/profile/two_factor_auth', session.cookies),
    page(
      'POST /-/profile/two_factor_auth',
      session.cookies,
      `authenticity_token=${session.token}&pin_code=123456&current_password=x`,
    ),
    page('GET /-/user_settings/applications', session.cookies),
    page('POST /-/user_settings/password', session.cookies, `_method=put&authenticity_token=${session.token}&user[password]=a`),
    page('GET /oauth/device?user_code=ABCDEFGH', session.cookies),
    page('POST /oauth/device', session.cookies, `authenticity_token=${session.token}&user_code=ABCDEFGH&decision=allow`),
    page(
      `GET /oauth/authorize?response_type=code&client_id=${client.id}&redirect_uri=https://app.example/back&scope=read_user&state=s`,
      session.cookies,
    ),
    request('GET /-/readiness'),
    request('GET /-/metrics'),
    request('GET /users/sign_in?redirect=%2F-%2Fuser_settings%2Fapplications', ['Accept-Language: de']),
  ]
}

/** What programs and browsers send beside git: well-formed, most of it with a credential that holds. */
export const writtenSamples = (known: Known): readonly Sample[] => [
  ...apiSamples(known),
  ...runnerSamples(known),
  ...oauthSamples(known),
  ...pageSamples(known),
]
