import { memberLevelNames } from '../../src/core/access-level.ts'
import { type ImageCase, type ImagePlace, imageCases } from '../../test/access/registry.table.ts'
import { table } from './markdown.ts'

const levels = { enabled: undefined, private: 'images for members', disabled: 'images off' } as const

const placeWords = ({ visibility = 'private', images = 'enabled', archived, listed }: ImagePlace): string =>
  [visibility, levels[images], archived && 'archived', listed && 'lets the job in'].filter(Boolean).join(', ')

const roleWords = ({ role = 0 }: ImagePlace): string =>
  Object.entries(memberLevelNames).find(([level]) => Number(level) === role)?.[1] ?? 'none'

const answerWords = (allowed: string): string =>
  allowed === ''
    ? 'nothing'
    : allowed
        .split(' ')
        .map((action) => `\`${action}\``)
        .join(' ')

const cells = ({ is, place, allowed }: ImageCase): string[] => [is, roleWords(place), placeWords(place), answerWords(allowed)]

/** Who may do what with images. */
export const imageRules = (): string => table(['Who', 'Role', 'Project', 'Allowed'], imageCases.map(cells))
