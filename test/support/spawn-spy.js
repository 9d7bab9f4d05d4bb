// Preloaded into a server under test: tells each start of a process, by whatever part, as a JSON line.
import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

const tell = (program, arguments_) => process.stderr.write(`${JSON.stringify({ spawned: program, arguments: arguments_ })}\n`)

for (const name of ['spawn', 'execFile', 'exec', 'fork', 'spawnSync', 'execFileSync', 'execSync']) {
  const original = childProcess[name]
  childProcess[name] = function spied(program, ...rest) {
    tell(program, Array.isArray(rest[0]) ? rest[0] : [])
    return original.call(this, program, ...rest)
  }
}
syncBuiltinESMExports()
