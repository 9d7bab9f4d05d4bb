import { type Row, row } from './access.table.ts'

const leased = { ref: 'topic', seconds: 60 }

// biome-ignore format: a table
export const jobTokenTables: Readonly<Record<string, readonly Row[]>> = {
  'job token scope': [
    //                                                          nobody  stranger otherBot | guest planner reporter developer maintainer owner admin | bot groupBot service | reads scope blocked
    row('GET /projects/:project/job_token_scope',               '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('PATCH /projects/:project/job_token_scope',             '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403', { enabled: true }),
    row('PATCH /projects/:project/job_token_scope',             '401 404/403 404/403 | 403 403 403 403 400 400 400 | 400 400 403 | 403 403 403', {}),
    row('GET /projects/:absent/job_token_scope',                '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('GET /projects/:project/job_token_scope/allowlist',     '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('POST /projects/:project/job_token_scope/allowlist',    '401 404/403 404/403 | 403 403 403 403 201 201 201 | 400 201 403 | 403 403 403', { target_project_id: ':victim' }),
    row('POST /projects/:project/job_token_scope/allowlist',    '401 404/403 404/403 | 403 403 403 403 400 400 400 | 400 400 403 | 403 403 403', { target_project_id: ':listedProject' }),
    row('POST /projects/:project/job_token_scope/allowlist',    '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403', { target_project_id: ':absent' }),
    row('DELETE /projects/:project/job_token_scope/allowlist/:listedProject', '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/job_token_scope/allowlist/:victim', '401 404/403 404/403 | 403 403 403 403 400 400 400 | 404 400 403 | 403 403 403'),
    row('GET /projects/:project/job_token_scope/groups_allowlist', '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('POST /projects/:project/job_token_scope/groups_allowlist', '401 404/403 404/403 | 403 403 403 403 201 201 201 | 400 201 403 | 403 403 403', { target_group_id: ':victimGroup' }),
    row('POST /projects/:project/job_token_scope/groups_allowlist', '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403', { target_group_id: ':absent' }),
    row('DELETE /projects/:project/job_token_scope/groups_allowlist/:listedGroup', '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/job_token_scope/groups_allowlist/:victimGroup', '401 404/403 404/403 | 403 403 403 403 400 400 400 | 400 400 403 | 403 403 403'),
  ],
  'job leases': [
    row('GET /projects/:project/sallyport/job_leases',          '401 404/403 404/403 | 403 403 403 200 200 200 200 | 200 200 200 | 200 403 403'),
    // Nobody can lease on a branch that is not there; who may ask is told first.
    row('POST /projects/:project/sallyport/job_leases',         '401 404/403 404/403 | 403 403 403 400 400 400 400 | 400 400 400 | 403 403 403', leased),
    row('POST /projects/:absent/sallyport/job_leases',          '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403', leased),
    row('DELETE /projects/:project/sallyport/job_leases/:lease', '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/sallyport/job_leases/:absent', '401 404 404        | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
    row('GET /job',                                             '401 401 401         | 401 401 401 401 401 401 401 | 401 401 401 | 401 403 403'),
  ],
}
