import type { IdentityTrail } from '../trail/identity.ts'
import type { Session, SessionDeed } from '../trail/sessions.ts'
import type { Spray } from '../trail/sprays.ts'
import { mostDeeds } from '../trail/activity.ts'
import { countText } from '../quantity.ts'
import type { Sink } from './terminal.ts'
import { textTable } from './text-table.ts'
import { secondText } from './time-text.ts'
import { visible } from './visible.ts'

const mostDeedLines = 25

/** The page of `identity`: sessions, what is new in them, rights, and what came of credentials given. */
export function identityText(sink: Sink, trail: IdentityTrail): string {
  const heading = (text: string): string => sink.paint(['bold', 'cyan'], text)
  const { identity, sessions, others, rights, sprays, followed } = trail
  const strange = sessions.filter(({ news }) => news.length > 0)
  const blocks = [
    `${sink.paint('bold', visible(identity.asked))}  ${visible([...identity.ids, ...identity.names].join(', '))}\n`,
    `${heading('Sessions')}\n${sessionsText(sink, sessions)}`,
    ...strange.map((session) => `${heading('New in it')}  ${sessionText(sink, session)}`),
    ...(sprays.length > 0 ? [`${heading('Tried with others')}\n${sprays.map(sprayText).join('')}`] : []),
    ...(rights.length > 0 ? [`${heading('Rights gained and given')}\n${rightsText(sink, trail)}`] : []),
    ...followed.map(
      ({ credential, right, sessions: own }) =>
        `${heading('By the credential that it gave')}  ${visible(right.toName || right.to)} ${credential}\n${own.length === 0 ? '  no sign-in with it is in the logs\n' : own.map((session) => sessionText(sink, session)).join('')}`,
    ),
    ...(others.length > 0
      ? [
          `${heading('Without a sign-in that explains it')}\n${deedsText(
            sink,
            others.map((deed) => ({ ...deed, by: '' })),
          )}`,
        ]
      : []),
    ...(trail.isCut ? [`only the first ${countText(mostDeeds)} kinds of deeds are told\n`] : []),
  ]
  return blocks.join('\n')
}

function sprayText({ first, last, identities, addresses, inferred, attempts }: Spray): string {
  const span = `${secondText(first)} to ${secondText(last)}`
  const alike =
    inferred.length > 0
      ? ` and, by the same application and agent, ${visible(inferred.join(', '))} (inferred)`
      : ''
  return `  ${span}: ${countText(identities)} identities from ${visible(addresses.join(', '))}${alike}, ${countText(total(attempts))} tries\n`
}

function sessionsText(sink: Sink, sessions: readonly Session[]): string {
  if (sessions.length === 0) return '  no sign-in of it is in the logs\n'
  const rows = sessions.map((session) => [
    secondText(session.first),
    secondText(session.last),
    session.addresses.join(' '),
    session.clients.join(', '),
    countText(total(session.deeds)),
    session.news.join('; '),
  ])
  return textTable(sink, ['First (UTC)', 'Last (UTC)', 'From', 'With', 'Records', 'New'], rows, {
    right: [4],
    prose: 5,
  })
}

function sessionText(sink: Sink, session: Session): string {
  const head = `${secondText(session.first)}  ${visible(session.addresses.join(', '))}  ${sink.paint('yellow', visible(session.news.join('; ')))}`
  return `${head}\n${deedsText(sink, session.deeds)}`
}

function deedsText(
  sink: Sink,
  deeds: readonly (Omit<SessionDeed, 'by' | 'certainty'> & { readonly by: string })[],
): string {
  const rows = deeds
    .slice(0, mostDeedLines)
    .map((deed) => [
      secondText(deed.first),
      deed.kind,
      deed.what,
      deed.target,
      deed.isDone ? '' : deed.result,
      deed.address,
      countText(deed.count),
      deed.by,
    ])
  const table = textTable(
    sink,
    ['First (UTC)', 'Kind', 'What', 'Of', 'Failed', 'From', 'Times', 'Known by'],
    rows,
    {
      right: [6],
    },
  )
  const rest = deeds.length - rows.length
  return rest > 0 ? `${table}  and ${countText(rest)} more; --output json gives all\n` : table
}

function rightsText(sink: Sink, { rights }: IdentityTrail): string {
  const rows = rights.map((right) => [
    secondText(right.time),
    right.direction,
    right.what,
    right.by,
    right.toName || right.to,
    right.address,
    right.result,
  ])
  return textTable(sink, ['Time (UTC)', 'It', 'What', 'By', 'To', 'From', 'Result'], rows)
}

function total(deeds: readonly { readonly count: number }[]): number {
  return deeds.reduce((sum, { count }) => sum + count, 0)
}
