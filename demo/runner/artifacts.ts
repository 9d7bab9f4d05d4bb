import { glob, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, matchesGlob, relative, resolve, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { JobCalls } from './job-calls.ts'
import type { PayloadArtifacts, PayloadDependency } from './payload.ts'
import { unzip, type ZipEntry, zip } from './zip.ts'

const filesBelow = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

const isInside = (directory: string, file: string): boolean => file.startsWith(`${directory}${sep}`)

const filesOf = async (directory: string, pattern: string): Promise<string[]> => {
  const found: string[] = []
  for await (const name of glob(pattern.replace(/\/+$/, ''), { cwd: directory })) {
    const path = resolve(directory, name)
    if (!isInside(directory, path)) continue
    const about = await lstat(path)
    if (about.isDirectory()) found.push(...(await filesBelow(path)))
    else if (about.isFile()) found.push(path)
  }
  return found
}

/** Files that a rule names, relative to the working copy, in order. */
export const matching = async (directory: string, { paths = [], exclude = [] }: PayloadArtifacts): Promise<string[]> => {
  const found = await Promise.all(paths.map((pattern) => filesOf(directory, pattern)))
  const names = new Set(found.flat().map((file) => relative(directory, file)))
  return [...names].filter((name) => !exclude.some((pattern) => matchesGlob(name, pattern))).toSorted()
}

const entryOf = async (directory: string, name: string): Promise<ZipEntry> => {
  const file = join(directory, name)
  const [bytes, { mode }] = [await readFile(file), await lstat(file)]
  return { name, bytes, mode }
}

const packed = async (directory: string, rule: PayloadArtifacts, names: readonly string[]) => {
  const entries = await Promise.all(names.map((name) => entryOf(directory, name)))
  if (rule.artifact_format !== 'gzip') return { filename: `${rule.name ?? 'artifacts'}.zip`, bytes: zip(entries) }
  const bytes = Buffer.concat(entries.map((entry) => gzipSync(entry.bytes)))
  return { filename: `${rule.artifact_type ?? 'report'}.gz`, bytes }
}

/** Sends what one rule names; resolves with a line for the log. */
export const uploadArtifacts = async (calls: JobCalls, directory: string, rule: PayloadArtifacts): Promise<string> => {
  const names = await matching(directory, rule)
  if (names.length === 0) return 'WARNING: no matching files'
  const { filename, bytes } = await packed(directory, rule, names)
  await calls.upload(rule, filename.replace(/[/\\]/g, '_'), bytes)
  return `${names.length} files sent as ${rule.artifact_type ?? 'archive'}, ${bytes.length} bytes`
}

const write = async (directory: string, { name, bytes, mode = 0o644 }: ZipEntry): Promise<void> => {
  const file = resolve(directory, name)
  if (!isInside(directory, file)) throw new Error(`an archive of artifacts leads outside: ${JSON.stringify(name)}`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes, { mode: mode || 0o644 })
}

/** Lays the files of an earlier job into the working copy. */
export const downloadArtifacts = async (calls: JobCalls, directory: string, { id, token }: PayloadDependency): Promise<void> => {
  const entries = unzip(await calls.download(id, token))
  for (const entry of entries.filter(({ name }) => !name.endsWith('/'))) await write(directory, entry)
}
