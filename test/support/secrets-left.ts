import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import Database from 'better-sqlite3'
import { marksFor } from '../../src/shield/marks.ts'
import { type Candidate, SecretScan } from '../../src/shield/scan.ts'

/** For the person who runs the server. */
const meantToLieThere = new Set(['keys/root-token', 'keys/root-password'])

/** What git compresses says nothing to a search, and may be what a test pushed on purpose. */
const isCompressed = /^repos\/.*\/objects\/|^cache\//

const filesBelow = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  return files.filter((file) => !meantToLieThere.has(file) && !isCompressed.test(file))
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

/** Once for all homes: to make it takes longer than to use it. */
const scan = new SecretScan(marksFor('glpat-'))

/** What a person typed, as it is, in an address and in base64 behind nothing or a name. */
const formsOf = (word: string): Buffer[] => {
  const encoded = [0, 1, 2].map((before) =>
    Buffer.from(`${' '.repeat(before)}${word}`)
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  )
  return [word, encodeURIComponent(word), ...encoded].map((form) => Buffer.from(form))
}

export interface Places {
  /** Of a server that has stopped. */
  readonly home: string
  /** What else is looked through, by name. */
  readonly texts: Readonly<Record<string, string>>
  /** Passwords, which have no form by which they could be found. */
  readonly words: readonly string[]
}

/**
 * Where secrets of a server lie in the open: in the files of its home, or in what else is given, as they are or in base64.
 * Tokens are found by the search of the push shield, and told from mere forms by the digests in the database.
 */
export const secretsLeft = async ({ home, texts, words }: Places): Promise<string[]> => {
  const known = digestsOf(home)
  const forms = words.flatMap(formsOf)
  const left: string[] = []
  const look = (where: string, bytes: Buffer): void => {
    const found = ({ digest, at }: Candidate) => void (known.has(digest) && left.push(`${where} at byte ${at}`))
    scan.scan(bytes, { isBare: (digest) => known.has(digest), skip: 0, found })
    for (const form of forms) if (bytes.includes(form)) left.push(`${where} at byte ${bytes.indexOf(form)}`)
  }
  for (const file of await filesBelow(home)) look(file, await readFile(join(home, file)))
  for (const [where, text] of Object.entries(texts)) look(where, Buffer.from(text))
  return left
}
