/**
 * A program of its own, so that its time is not the server's: attacks until its standard input ends, and tells what came of it.
 *
 *     node test/long/flood/attacker.ts NAME TARGET
 */
import { once } from 'node:events'
import { attacks, type Target } from './attacks.ts'
import { Tally } from './tally.ts'

const [name = '', target = '{}'] = process.argv.slice(2)
const attack = attacks[name]
if (attack === undefined) throw new Error(`no attack is called ${name}`)
const tally = new Tally()
const stop = new AbortController()
void attack(JSON.parse(target) as Target, tally, stop.signal, () => console.log('ready'))
process.stdin.resume()
await once(process.stdin, 'end')
stop.abort()
console.log(JSON.stringify(tally.counts))
process.exit(0)
