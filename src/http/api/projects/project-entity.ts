import { z } from 'zod'
import { featureLevels, visibilities } from '../../../core/visibility.ts'
import { link, maybeDay, maybeMoment, maybeWords, momentWords, wholeNumber, words, yesNo } from '../entity-words.ts'
import { namespaceEntity } from '../groups/namespace-shape.ts'
import { userBriefEntity } from '../users/user-brief.ts'
import { ciEntityFields } from './project-ci-settings.ts'
import { projectIdentityEntity } from './project-identity.ts'

/** gitlab `API::Entities::BasicProjectDetails`: to nobody in particular, and where `simple` is asked for. */
export const basicProjectEntity = projectIdentityEntity
  .extend({
    default_branch: words.optional(),
    tag_list: z.array(words),
    topics: z.array(words),
    ssh_url_to_repo: maybeWords,
    http_url_to_repo: link,
    web_url: link,
    readme_url: maybeWords,
    forks_count: wholeNumber,
    avatar_url: maybeWords,
    star_count: wholeNumber,
    last_activity_at: momentWords,
    visibility: z.enum(visibilities),
    namespace: namespaceEntity,
  })
  .meta({ id: 'BasicProjectDetails' })

const level = z.enum(featureLevels)

/** Parts of GitLab that are not here. */
const absentFeatureFields = {
  packages_enabled: yesNo,
  issues_enabled: yesNo,
  merge_requests_enabled: yesNo,
  wiki_enabled: yesNo,
  snippets_enabled: yesNo,
  service_desk_enabled: yesNo,
  can_create_merge_request_in: yesNo,
  issues_access_level: level,
  merge_requests_access_level: level,
  forking_access_level: level,
  wiki_access_level: level,
  snippets_access_level: level,
  pages_access_level: level,
  lfs_enabled: yesNo,
  request_access_enabled: yesNo,
  import_url: maybeWords,
  import_type: maybeWords,
  import_status: words,
  import_error: maybeWords,
  open_issues_count: wholeNumber,
  marked_for_deletion_at: maybeMoment,
  marked_for_deletion_on: maybeDay,
  shared_with_groups: z.array(z.looseObject({})),
  merge_method: words,
}

const accessEntity = z.object({ access_level: wholeNumber, notification_level: wholeNumber }).nullable()

/** gitlab `API::Entities::ProjectWithAccess`, as far as there is something behind it. */
export const fullProjectEntity = basicProjectEntity
  .extend({
    _links: z.object({ self: link, members: link }),
    ...absentFeatureFields,
    ...ciEntityFields,
    empty_repo: yesNo,
    archived: yesNo,
    creator_id: wholeNumber.nullable(),
    updated_at: momentWords,
    repository_access_level: level,
    container_registry_enabled: yesNo,
    container_registry_access_level: level,
    owner: userBriefEntity.optional(),
    runners_token: maybeWords.optional(),
    permissions: z.object({ project_access: accessEntity, group_access: accessEntity }),
  })
  .meta({ id: 'ProjectWithAccess' })

export type AbsentFeatures = Pick<z.output<typeof fullProjectEntity>, keyof typeof absentFeatureFields>

export const projectEntity = z.union([fullProjectEntity, basicProjectEntity])

export type ProjectShape = z.output<typeof projectEntity>
