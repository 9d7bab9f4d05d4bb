import type { AuditNote } from '../../../core/audit.ts'
import { Secret } from '../../../core/secret.ts'
import {
  createVariable,
  deleteVariable,
  mostVariables,
  openVariable,
  updateVariable,
  type VariableHome,
  type VariableRow,
  variablesOf,
} from '../../../store/ci/variables.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { conflict, notFound, validation } from '../errors.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { fieldsAfter, fieldsOfNew, newVariable, refuseVariable, variableChange, variableFilter } from './variable-input.ts'
import { shapeVariable, variableEntity } from './variable-shape.ts'

/** Whose variables these are, and what the two kinds do not share. */
export interface VariablePlace {
  readonly path: string
  /** GitLab's name of one, in its 404. */
  readonly title: string
  /** Begins the names of its events. */
  readonly event: string
  readonly className: string
  /** Throws 404 and 403. */
  reach(call: Call): Promise<{ readonly home: VariableHome; readonly entity: AuditNote['entity'] }>
}

interface Reached {
  readonly home: VariableHome
  readonly entity: AuditNote['entity']
}

const several = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"

const taken = (key: string) => validation({ key: [`(${key}) has already been taken`] })

/** The routes of a project's variables, or of a group's (gitlab `lib/api/ci/variables.rb`, `lib/api/group_variables.rb`). */
class VariableRoutes {
  readonly #place: VariablePlace

  constructor(place: VariablePlace) {
    this.#place = place
  }

  async list(call: Call): Promise<Answer> {
    const { home } = await this.#place.reach(call)
    const query = variablesOf(call.parts.store.read, home).orderBy('id')
    return paginate(call, query, (rows) => rows.map((row) => shapeVariable(row, call.parts.sealer)))
  }

  async show(call: Call): Promise<Answer> {
    const { home } = await this.#place.reach(call)
    const { filter } = call.read(variableFilter)
    return ok(shapeVariable(await this.#named(call, home, filter?.environment_scope), call.parts.sealer))
  }

  async create(call: Call): Promise<Answer> {
    const reached = await this.#place.reach(call)
    const asked = call.read(newVariable)
    const fields = fieldsOfNew(asked)
    refuseVariable(fields, asked.value)
    const { store, sealer } = call.parts
    const row = await createVariable(store, { home: reached.home, fields, value: new Secret(asked.value) }, sealer, call.now)
    if (row === 'taken') throw taken(fields.key)
    if (row === 'full') {
      throw validation({ base: [`Maximum number of ${reached.home.kind} ci variables (${mostVariables}) exceeded`] })
    }
    call.audit(this.#note('created', 'Added', reached, row))
    return created(shapeVariable(row, sealer))
  }

  async update(call: Call): Promise<Answer> {
    const reached = await this.#place.reach(call)
    const asked = call.read(variableChange)
    const before = await this.#named(call, reached.home, asked.filter?.environment_scope)
    const { store, sealer } = call.parts
    const fields = fieldsAfter(before, asked)
    if (before.hidden === 1 && fields.masked === 0) {
      throw validation({ base: ['Updating masked attribute is not allowed on updates for hidden variables.'] })
    }
    const value = asked.value ?? Secret.open(openVariable(sealer, before))
    refuseVariable(fields, value)
    const change = { home: reached.home, id: before.id, fields, value: new Secret(value) }
    const row = await updateVariable(store, change, sealer, call.now)
    if (row === undefined) throw notFound(this.#place.title)
    if (row === 'taken') throw taken(fields.key)
    call.audit(this.#note('updated', 'Changed', reached, row))
    return ok(shapeVariable(row, sealer))
  }

  async remove(call: Call): Promise<Answer> {
    const reached = await this.#place.reach(call)
    const row = await this.#named(call, reached.home, call.read(variableFilter).filter?.environment_scope)
    refuseModified(call, row.updated_at)
    if (!(await deleteVariable(call.parts.store, row.id))) throw notFound(this.#place.title)
    call.audit(this.#note('deleted', 'Removed', reached, row))
    return noContent
  }

  /** Throws 404, and 409 where the key alone says too little. */
  async #named(call: Call, home: VariableHome, scope: string | undefined): Promise<VariableRow> {
    const query = variablesOf(call.parts.store.read, home).where('key', '=', call.word('key'))
    const rows = await (scope === undefined ? query : query.where('environment_scope', '=', scope)).limit(2).execute()
    const [row] = rows
    if (rows.length > 1) throw conflict(several)
    if (row === undefined) throw notFound(this.#place.title)
    return row
  }

  #note(name: string, did: string, { entity }: Reached, row: VariableRow): AuditNote {
    return {
      name: `${this.#place.event}_${name}`,
      entity,
      target: { type: this.#place.className, id: row.id, details: row.key },
      message: `${did} variable ${row.key} of scope ${row.environment_scope}`,
    }
  }
}

/** All routes of one place. */
export const variableRoutesOf = (place: VariablePlace): readonly Route[] => {
  const { path } = place
  const one = `${path}/:key`
  const routes = new VariableRoutes(place)
  return [
    route('GET', path, { output: variableEntity, paged: true, handler: (call) => routes.list(call) }),
    route('POST', path, { input: [newVariable], output: variableEntity, handler: (call) => routes.create(call) }),
    route('GET', one, { input: [variableFilter], output: variableEntity, handler: (call) => routes.show(call) }),
    route('PUT', one, { input: [variableChange], output: variableEntity, handler: (call) => routes.update(call) }),
    route('DELETE', one, { input: [variableFilter], handler: (call) => routes.remove(call) }),
  ]
}
