import { isAbsolute, join } from 'node:path'

/** What decides where things lie; a parameter so that tests bring their own. */
export type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  readonly home: string
  readonly platform: NodeJS.Platform
}

/** The folder for Azimuth's own data: `$XDG_DATA_HOME/azimuth`, or where the platform keeps such things. */
export function dataDirectory({ environment, home, platform }: Surroundings): string {
  const chosen = environment['XDG_DATA_HOME']
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, 'azimuth')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'azimuth')
  return join(home, '.local', 'share', 'azimuth')
}
