import { credentials, projectRules, refRules } from './access-rules.ts'
import { settings } from './configuration.ts'
import { imageRules } from './images.ts'
import { metrics } from './metrics.ts'
import { reasons } from './reasons.ts'
import { apiRoutes } from './routes.ts'

/** The parts of the documentation that are written from code: page → name of the markers → content. */
export const pages: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/configuration.md': { settings },
  'docs/access-rules.md': { credentials, 'project-rules': projectRules, 'ref-rules': refRules, images: imageRules, reasons },
  'docs/api.md': { routes: apiRoutes },
  'docs/operations.md': { metrics },
}
