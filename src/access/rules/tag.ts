import { accessLevels } from '../../core/access-level.ts'
import { isCreation, isDeletion, type RefUpdate } from '../../core/ref-update.ts'
import type { Facts } from '../facts.ts'
import { isObjectIdName, isValidRefName } from './ref-name.ts'
import { type Judged, judgesAdmin, type ProtectedRefs, type Protection } from './ref-rules.ts'
import { declined, passed, type RefVerdict, tooMuch } from './verdict.ts'

const administersTags = (judged: Judged): boolean => judgesAdmin(judged) || judged.role >= accessLevels.developer
const isMaintainer = (judged: Judged): boolean => judgesAdmin(judged) || judged.role >= accessLevels.maintainer

/** Who may not make the tag may not delete it either: GitLab asks for both, and with these words. */
const checkProtected = (protection: Protection, update: RefUpdate, judged: Judged): RefVerdict => {
  if (isDeletion(update)) {
    if (!isMaintainer(judged)) return declined('protected_tag_deletion_denied')
    if (judged.origin === 'git') return declined('protected_tag_deletion_web_only')
  } else if (!isCreation(update)) return declined('protected_tag_update')
  return protection.creates ? passed : declined('protected_tag_creation_denied')
}

/** The rules of one tag update, in GitLab's order (gitlab `lib/gitlab/checks/tag_check.rb`). */
export const checkTag = (
  name: string,
  update: RefUpdate,
  protectedRefs: ProtectedRefs,
  judged: Judged,
  facts: Facts,
): RefVerdict => {
  if (!isCreation(update) && !administersTags(judged)) return declined('tag_change_denied')
  if (isCreation(update)) {
    if (name === facts.project?.defaultBranch) return declined('tag_named_like_default_branch')
    if (!isValidRefName(`refs/tags/${name}`)) return declined('tag_name_prohibited')
    if (isObjectIdName(name)) return declined('tag_name_is_object_id')
  }
  const protection = protectedRefs.of('tag', name)
  if (protection === 'too-much') return tooMuch
  return protection === undefined ? passed : checkProtected(protection, update, judged)
}
