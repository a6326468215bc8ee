import { identifier, sql, type Sql } from './template.ts'

/**
 * The databases of a case by what they hold. `whole…` is for statements of one server of a cluster, which mean the rows
 * of all: to them, the others are that server's own part.
 */
export type DatabaseRole = 'logs' | 'ledger' | 'reference' | 'wholeLedger'

/** What a server calls the databases of one case; it may hold many cases. */
export type DatabaseNames = Readonly<Record<DatabaseRole, string>>

/** The names where a server belongs to one case. */
export const ownDatabases: DatabaseNames = {
  logs: 'logs',
  ledger: 'ledger',
  reference: 'reference',
  wholeLedger: 'ledger',
}

// Between two NULs, which no quoted value and no quoted name holds.
const mark = '\0'
const marked = /\0(\w+)\0/g

/** A database of the case. Its name is filled in by the connection that the statement is sent over. */
export function database(role: DatabaseRole): Sql {
  return { kind: 'sql', text: `${mark}${role}${mark}` }
}

/** A table of the case. */
export function tableIn(role: DatabaseRole, name: string): Sql {
  return sql`${database(role)}.${identifier(name)}`
}

/** The text of a statement with the names of its databases filled in. */
export function nameDatabases({ text }: Sql, names: DatabaseNames): string {
  return text.replaceAll(marked, (_, role: DatabaseRole) => identifier(names[role]).text)
}
