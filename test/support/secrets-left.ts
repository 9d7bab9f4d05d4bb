import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import Database from 'better-sqlite3'
import { marksFor } from '../../src/shield/marks.ts'
import { type Candidate, SecretScan } from '../../src/shield/scan.ts'

/** For the person who runs the server. */
const meantToLieThere = new Set(['keys/root-token', 'keys/root-password'])

const filesBelow = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** The digests of all secrets that a home ever gave out, whether they still work or not. */
const digestsOf = (home: string): Set<string> => {
  const database = new Database(join(home, 'sallyport.db'), { readonly: true })
  try {
    const columns = database
      .prepare(
        "select m.name as 'table', c.name as 'column' from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.name like '%digest'",
      )
      .all() as { table: string; column: string }[]
    return new Set(
      columns.flatMap(({ table, column }) => database.prepare(`select "${column}" from "${table}"`).pluck().all() as string[]),
    )
  } finally {
    database.close()
  }
}

/**
 * Where tokens of a server lie in the open: in the files of its home, which is stopped, or in what else is given, as they
 * are or in base64. Found by the search of the push shield, and told from mere forms by the digests in the database.
 */
export const secretsLeft = async (home: string, texts: Readonly<Record<string, string>>): Promise<string[]> => {
  const scan = new SecretScan(marksFor('glpat-'))
  const known = digestsOf(home)
  const left: string[] = []
  const look = (where: string, bytes: Buffer): void => {
    const found = ({ digest, at }: Candidate) => void (known.has(digest) && left.push(`${where} at byte ${at}`))
    scan.scan(bytes, { isBare: () => true, skip: 0, found })
  }
  for (const file of await filesBelow(home)) {
    const name = relative(home, file)
    if (!meantToLieThere.has(name)) look(name, await readFile(file))
  }
  for (const [where, text] of Object.entries(texts)) look(where, Buffer.from(text))
  return left
}
