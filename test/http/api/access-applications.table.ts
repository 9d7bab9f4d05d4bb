import { type Row, row } from './access.table.ts'

const wanted = { name: 'n', redirect_uri: 'https://app.example.org/callback', scopes: 'read_user' }

/** As in `access.table.ts`. An application of another owner is none. */
// biome-ignore format: a table
export const applicationTables: Readonly<Record<string, readonly Row[]>> = {
  'applications of the instance': [
    //                                                          nobody  stranger otherBot | guest planner reporter developer maintainer owner admin | bot groupBot service | reads scope blocked
    row('GET /applications',                                    '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('POST /applications',                                   '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', wanted),
    row('POST /applications/:application/renew-secret',         '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('POST /applications/:absent/renew-secret',              '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
    row('DELETE /applications/:application',                    '401 403 403         | 403 403 403 403 403 403 204 | 403 403 403 | 403 403 403'),
    row('DELETE /applications/:myApplication',                  '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
  ],
  'applications of one’s own': [
    row('GET /sallyport/applications',                          '401 200 403         | 200 200 200 200 200 200 200 | 403 403 200 | 200 403 403'),
    row('POST /sallyport/applications',                         '401 201 403         | 201 201 201 201 201 201 201 | 403 403 201 | 403 403 403', wanted),
    row('POST /sallyport/applications/:myApplication/renew-secret', '401 200 403     | 200 200 200 200 200 200 200 | 403 403 200 | 403 403 403'),
    row('POST /sallyport/applications/:application/renew-secret', '401 404 403       | 404 404 404 404 404 404 404 | 403 403 404 | 403 403 403'),
    row('DELETE /sallyport/applications/:myApplication',        '401 204 403         | 204 204 204 204 204 204 204 | 403 403 204 | 403 403 403'),
    row('DELETE /sallyport/applications/:application',          '401 404 403         | 404 404 404 404 404 404 404 | 403 403 404 | 403 403 403'),
  ],
}
