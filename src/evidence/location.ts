import type { Member } from './read/member.ts'

/** A path that the user named: as a walk shows it, and as it stands on disk. */
export interface Root {
  readonly shown: string
  readonly real: string
}

/** Where a member can be found again: the file on disk, and the path of the member as a walk from that file shows it. */
export interface Location {
  readonly file: string
  readonly path: string
}

/** The location of a member that was found under a root. */
export function locationOf(member: Pick<Member, 'path' | 'archives'>, root: Root): Location {
  const absolute = (path: string): string => root.real + path.slice(root.shown.length)
  return { file: absolute(member.archives[0]?.path ?? member.path), path: absolute(member.path) }
}
