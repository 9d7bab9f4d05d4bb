import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PipelineId, ProjectId } from '../core/ids.ts'
import { makeDirectory, syncDirectory, writeNewFile } from './durable-files.ts'
import { namesPackedBelow, removePackedRefs } from './packed-refs.ts'
import type { Repositories } from './repositories.ts'
import { unlessAbsent } from './system-errors.ts'

type Shelf = Pick<Repositories, 'directoryOf'>

/** By this ref a runner fetches the commit of a pipeline, also after its branch has moved or is gone (GitLab's `persistent_ref`). */
export const pipelineRef = (pipeline: PipelineId): string => `refs/pipelines/${pipeline}`

const folderOf = (shelf: Shelf, project: ProjectId): string => join(shelf.directoryOf(project), 'refs/pipelines')

/**
 * Writes the ref in the way git itself writes one: whole, under the name of its lock, then renamed. Nobody else writes
 * refs of this folder; a lock that is there was left by a process that died.
 */
export const writePipelineRef = async (shelf: Shelf, project: ProjectId, pipeline: PipelineId, sha: string): Promise<void> => {
  const folder = folderOf(shelf, project)
  const file = join(folder, String(pipeline))
  await makeDirectory(folder)
  await rm(`${file}.lock`, { force: true })
  await writeNewFile(`${file}.lock`, `${sha}\n`)
  await rename(`${file}.lock`, file)
  await syncDirectory(folder)
}

/** The pipelines that have such a ref; git packs refs of pipelines with all others. */
export const pipelinesWithRef = async (shelf: Shelf, project: ProjectId): Promise<PipelineId[]> => {
  const loose = (await unlessAbsent(readdir(folderOf(shelf, project)))) ?? []
  const packed = await namesPackedBelow(shelf.directoryOf(project), 'refs/pipelines/')
  const names = [...new Set([...loose, ...packed])]
  return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map((name) => Number(name) as PipelineId)
}

/** Packed ones go first, as git does it, so that no old value comes to light. A ref that is gone already is no fault. */
export const removePipelineRefs = async (shelf: Shelf, project: ProjectId, pipelines: readonly PipelineId[]): Promise<void> => {
  const packed = new Set(await namesPackedBelow(shelf.directoryOf(project), 'refs/pipelines/'))
  const toUnpack = pipelines.filter((id) => packed.has(String(id))).map(pipelineRef)
  if (toUnpack.length > 0) await removePackedRefs(shelf.directoryOf(project), new Set(toUnpack))
  for (const id of pipelines) await rm(join(folderOf(shelf, project), String(id)), { force: true })
}
