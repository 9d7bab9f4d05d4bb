/**
 * A server that does nothing but answer, beside the one that is flooded: how long it takes tells what this machine is
 * busy with. Says on which port, until its standard input ends.
 *
 *     node test/long/flood/control.ts
 */
import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end('well'))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined }))
})
process.stdin.resume()
process.stdin.once('end', () => process.exit(0))
