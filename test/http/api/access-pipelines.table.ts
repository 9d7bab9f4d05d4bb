import { type Row, row } from './access.table.ts'

const read = '200 200 200 200 200 200 200'
const trigger = { token: 'glptt-none', ref: 'main' }

/** Pipelines and jobs by the columns of `access.table.ts`; jobs are public unless a project says otherwise. */
// biome-ignore format: a table
export const pipelineTables: Readonly<Record<string, readonly Row[]>> = {
  'pipelines': [
    // The branch is not there: whoever may run pipelines is told so.
    row('POST /projects/:project/pipeline',                     '401 404/403 404/403 | 403 403 403 400 400 400 400 | 400 400 400 | 403 403 403', { ref: 'nowhere' }),
    row('GET /projects/:project/pipelines',                     `404/200 404/200 404/200 | ${read} | 200 200 200 | 200 403 403`),
    row('GET /projects/:project/pipelines/latest?ref=nowhere',  '404/403 404/403 404/403 | 403 403 403 403 403 403 403 | 403 403 403 | 403 403 403'),
    row('GET /projects/:project/pipelines/:pipeline',           `404/200 404/200 404/200 | ${read} | 200 200 200 | 200 403 403`),
    row('GET /projects/:project/pipelines/:absent',             '404 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('GET /projects/:project/pipelines/:pipeline/jobs',      `404/200 404/200 404/200 | ${read} | 200 200 200 | 200 403 403`),
    row('GET /projects/:project/pipelines/:pipeline/variables', '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 403 403 403'),
    row('POST /projects/:project/pipelines/:pipeline/retry',    '401 404/403 404/403 | 403 403 403 201 201 201 201 | 201 201 201 | 403 403 403', undefined, 'any'),
    row('POST /projects/:project/pipelines/:pipeline/cancel',   '401 404/403 404/403 | 403 403 403 200 200 200 200 | 200 200 200 | 403 403 403', undefined, 'any'),
    row('DELETE /projects/:project/pipelines/:pipeline',        '401 404/403 404/403 | 403 403 403 403 403 204 204 | 403 204 403 | 403 403 403', undefined, 'any'),
  ],
  'jobs': [
    row('GET /projects/:project/jobs',                          `401 404/200 404/200 | ${read} | 200 200 200 | 200 403 403`),
    row('GET /projects/:project/jobs/:job',                     `401 404/200 404/200 | ${read} | 200 200 200 | 200 403 403`),
    row('GET /projects/:project/jobs/:absent',                  '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('POST /projects/:project/jobs/:job/cancel',             '401 404/403 404/403 | 403 403 403 201 201 201 201 | 201 201 201 | 403 403 403', undefined, 'any'),
    row('POST /projects/:project/jobs/:endedJob/retry',         '401 404/403 404/403 | 403 403 403 201 201 201 201 | 201 201 201 | 403 403 403', undefined, 'any'),
    row('POST /projects/:project/jobs/:manualJob/play',         '401 404/403 404/403 | 403 403 403 200 200 200 200 | 200 200 200 | 403 403 403', undefined, 'any'),
    row('POST /projects/:project/jobs/:endedJob/erase',         '401 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', undefined, 'any'),
  ],
  'triggers': [
    row('POST /projects/:project/trigger/pipeline',             '404 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403', trigger),
    row('POST /projects/:project/ref/main/trigger/pipeline',    '404 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403', trigger),
  ],
}
