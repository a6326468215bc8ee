/** What a command's exit says to a script. */
export const exitCode = {
  ok: 0,
  error: 1,
  findings: 2,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
