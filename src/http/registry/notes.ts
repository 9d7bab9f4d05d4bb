import type { Response } from 'express'
import { projectFields } from '../../log.ts'
import type { Granted, ImagePlace } from '../../registry/grant.ts'
import { noteFields, noteMessage } from '../api/request-log.ts'

/** So many scopes are told of in one line. */
const mostTold = 10

const written = (place: ImagePlace, actions: readonly string[]): string => `${place.project.fullPath}:${actions.join(',')}`

/** Scopes of which less came than was asked, of projects that are there. */
const cutDown = (granted: readonly Granted[]): readonly (Granted & { readonly place: ImagePlace })[] =>
  granted
    .flatMap((one) => (one.place === undefined ? [] : [{ ...one, place: one.place }]))
    .filter(({ asked, access }) => access?.actions.length !== asked.actions.length)

/** What the line of the log says of what was asked and granted; GitLab's words where it was less. */
export const noteGranted = (response: Response, granted: readonly Granted[]): void => {
  const places = new Map(granted.flatMap(({ place }) => (place === undefined ? [] : [[place.project.id, place.project]])))
  const [only] = places.values()
  if (places.size === 1) noteFields(response, projectFields(only))
  const less = cutDown(granted).slice(0, mostTold)
  if (less.length === 0) return
  noteMessage(response, 'Denied container registry permissions')
  noteFields(response, {
    requested_actions: less.map(({ asked, place }) => written(place, asked.actions)),
    authorized_actions: less.map(({ access, place }) => written(place, access?.actions ?? [])),
  })
}
