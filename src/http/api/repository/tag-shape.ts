import { z } from 'zod'
import { readObjects } from '../../../git/object-reader.ts'
import { parseTag } from '../../../git/object-words.ts'
import { maybeMoment, nothing, words, yesNo } from '../entity-words.ts'
import type { Code } from './code.ts'
import { commitEntity, dateOf, mostOfObject, readCommits, shapeCommit } from './commit-shape.ts'
import { protectedNames } from './protected-names.ts'

/** gitlab `API::Entities::Tag`; there are no releases. `commit` is null for a tag of something else than a commit. */
export const tagEntity = z
  .object({
    name: words,
    message: words,
    target: words,
    commit: commitEntity.nullable(),
    release: nothing,
    protected: yesNo,
    created_at: maybeMoment,
  })
  .meta({ id: 'Tag' })

export const shapeTags = async (code: Code, names: readonly string[]): Promise<z.output<typeof tagEntity>[]> => {
  if (names.length === 0) return []
  const tags = await code.tags()
  const ids = names.map((name) => tags.get(name) ?? '')
  const objects = await code.ask({ kind: 'objects', ids }, (output) => readObjects(output, mostOfObject))
  const commits = await readCommits(code, ids)
  const isProtected = await protectedNames(code, 'tag')
  return names.map((name, at) => {
    const [object, commit] = [objects[at], commits[at]]
    const tag = object?.type === 'tag' ? parseTag(object.id, object.content) : undefined
    return {
      name,
      message: tag?.message.replace(/\n+$/, '') ?? '',
      target: ids[at] ?? '',
      commit: commit === undefined ? null : shapeCommit(code, commit),
      release: null,
      protected: isProtected(name),
      created_at: tag?.tagger === undefined ? null : dateOf(tag.tagger),
    }
  })
}

export const shapeTag = async (code: Code, name: string): Promise<z.output<typeof tagEntity>> => {
  const [shape] = await shapeTags(code, [name])
  if (shape === undefined) throw new Error('a tag was shaped into nothing')
  return shape
}
