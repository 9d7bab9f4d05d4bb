import { type Row, row } from './access.table.ts'

/** Routes of runners ask for a runner's or job's own token: whoever else calls, shows none. */
const missing = '400 400 400 | 400 400 400 400 400 400 400 | 400 400 400 | 400 400 400'

const projectRunner = { runner_type: 'project_type', project_id: ':project' }
const any = 'any'

/** Runners, and what they leave of jobs, by the columns of `access.table.ts`. */
// biome-ignore format: a table
export const runnerTables: Readonly<Record<string, readonly Row[]>> = {
  'runners': [
    row('GET /runners',                                         '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /runners/all',                                     '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('GET /runners/:runner',                                 '401 403 403         | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /runners/:groupRunner',                            '401 403 403         | 403 403 403 403 200 200 200 | 403 200 403 | 200 403 403'),
    row('GET /runners/:instanceRunner',                         '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /runners/:absent',                                 '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('PUT /runners/:runner',                                 '401 403 403         | 403 403 403 403 200 200 200 | 200 200 403 | 403 403 403', { description: 'd' }, any),
    row('PUT /runners/:groupRunner',                            '401 403 403         | 403 403 403 403 403 200 200 | 403 200 403 | 403 403 403', { description: 'd' }, any),
    row('PUT /runners/:instanceRunner',                         '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403', { description: 'd' }, any),
    row('DELETE /runners/:runner',                              '401 403 403         | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403', undefined, any),
    row('DELETE /runners/:instanceRunner',                      '401 403 403         | 403 403 403 403 403 403 204 | 403 403 403 | 403 403 403', undefined, any),
    row('GET /runners/:runner/managers',                        '401 403 403         | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /runners/:runner/jobs',                            '401 403 403         | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /runners/:instanceRunner/jobs',                    '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('POST /runners/:runner/reset_authentication_token',     '401 403 403         | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', undefined, any),
    row('POST /user/runners',                                   '401 400/403 400/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', projectRunner, any),
    row('POST /user/runners',                                   '401 400/403 400/403 | 403 403 403 403 403 201 201 | 400/403 201 403 | 403 403 403', { runner_type: 'group_type', group_id: ':group' }, any),
    row('POST /user/runners',                                   '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', { runner_type: 'instance_type' }, any),
    row('GET /projects/:project/runners',                       '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('POST /projects/:project/runners',                      '401 404/403 404/403 | 403 403 403 403 400 400 400 | 400 400 403 | 403 403 403', { runner_id: ':runner' }),
    row('DELETE /projects/:project/runners/:runner',            '401 404/403 404/403 | 403 403 403 403 403 403 403 | 403 403 403 | 403 403 403'),
    row('GET /groups/:group/runners',                           '401 404/403 404/403 | 403 403 403 403 200 200 200 | 403 200 403 | 200 403 403'),
    row('POST /runners/reset_registration_token',               '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', undefined, any),
    row('POST /projects/:project/runners/reset_registration_token', '401 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', undefined, any),
    row('POST /groups/:group/runners/reset_registration_token', '401 404/403 404/403 | 403 403 403 403 403 201 201 | 403 201 403 | 403 403 403', undefined, any),
  ],
  'what runners ask': [
    row('POST /runners', missing, {}),
    row('POST /runners/verify', missing, {}),
    row('POST /runners/reset_authentication_token', missing, {}),
    row('DELETE /runners', missing),
    row('DELETE /runners/managers', missing),
    row('POST /jobs/request', missing, {}),
    row('PUT /jobs/:job', missing, { state: 'success' }),
    row('PATCH /jobs/:job/trace', missing),
    row('POST /jobs/:job/artifacts/authorize', missing, {}),
    row('POST /jobs/:job/artifacts', missing),
    row('GET /jobs/:job/artifacts', missing),
  ],
  'logs and files of jobs': [
    row('GET /projects/:project/jobs/:tracedJob/trace',         '401 404/200 404/200 | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /projects/:project/jobs/:absent/trace',            '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('GET /projects/:project/jobs/:job/artifacts',           '404 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('GET /projects/:project/jobs/artifacts/main/download?job=x', '404 404 404    | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('DELETE /projects/:project/jobs/:job/artifacts',        '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403', undefined, any),
    row('POST /projects/:project/jobs/:job/artifacts/keep',     '401 404/403 404/403 | 403 403 403 404 404 404 404 | 404 404 404 | 403 403 403'),
  ],
}
