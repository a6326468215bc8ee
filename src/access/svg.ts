import { byteText, countText } from '../quantity.ts'
import type { Chain, Step } from './story.ts'

const rowHeight = 46
const left = 190
const width = 1180
const colours: Readonly<Record<Step['kind'], string>> = {
  'sign-in': '#4c6ef5',
  secrets: '#be4bdb',
  credential: '#f59f00',
  list: '#15aabf',
  read: '#e03131',
  write: '#2f9e44',
  delete: '#862e9c',
  command: '#c2255c',
  'copy-in': '#e8590c',
  'copy-out': '#c92a2a',
  'blind-read': '#868e96',
  tampering: '#212529',
}
const dashes: Readonly<Record<string, string>> = { observed: '', inferred: '7 4', assumed: '2 4' }

/** A chain as one SVG document: steps in time from top to bottom, links as arcs; dashed where inferred or assumed. */
export function chainSvg(chain: Chain): string {
  const height = 110 + chain.steps.length * rowHeight + chain.gaps.length * 20
  const rows = new Map(chain.steps.map((step, index) => [step.id, 90 + index * rowHeight]))
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="20" y="30" font-size="18" font-weight="600">${escape(`${chain.level} · ${chain.accounts.join(', ')}`)}</text>`,
    `<text x="20" y="52" fill="#495057">${escape(`${minute(chain.first)} to ${minute(chain.last)} UTC · solid observed, dashed inferred, dotted assumed`)}</text>`,
    ...chain.links.map((link, index) => {
      const from = rows.get(link.from)
      const to = rows.get(link.to)
      if (from === undefined || to === undefined) return ''
      const bend = left - 24 - Math.min(120, 14 + Math.abs(to - from) / 5) - (index % 3) * 4
      const dash = dashes[link.certainty] ?? ''
      return (
        `<path d="M ${left} ${from} C ${bend} ${from}, ${bend} ${to}, ${left - 8} ${to}" fill="none" stroke="#868e96" stroke-width="1.5"${dash === '' ? '' : ` stroke-dasharray="${dash}"`} marker-end="url(#tip)">` +
        `<title>${escape(`${link.by}: ${link.value} (${link.certainty})`)}</title></path>`
      )
    }),
    ...chain.steps.map((step) => stepSvg(step, rows.get(step.id) ?? 0)),
    ...chain.gaps.map(
      (gap, index) =>
        `<text x="${left}" y="${100 + chain.steps.length * rowHeight + index * 20}" fill="#c92a2a">${escape(cut(`missing: ${[gap.account, gap.missing].filter((part) => part !== '').join(' ')}: ${gap.why}`, 130))}</text>`,
    ),
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#868e96"/></marker></defs>',
    '</svg>\n',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function stepSvg(step: Step, y: number): string {
  const facts = [
    step.who,
    step.address,
    step.requests > 1 ? `${countText(step.requests)} requests` : '',
    step.objects > 0 ? `${countText(step.objects)} objects` : '',
    step.bytes > 0 ? byteText(step.bytes) : '',
  ].filter((part) => part !== '')
  return [
    `<circle cx="${left}" cy="${y}" r="8" fill="${colours[step.kind]}"/>`,
    `<text x="${left + 20}" y="${y}" font-weight="600">${escape(cut(`${minute(step.first)}  ${step.title}`, 120))}</text>`,
    `<text x="${left + 20}" y="${y + 17}" fill="#495057">${escape(cut(facts.join(' · '), 140))}</text>`,
  ].join('\n')
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}

function cut(text: string, length: number): string {
  const points = Array.from(text)
  return points.length <= length ? text : `${points.slice(0, length - 1).join('')}…`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for an SVG document: nothing in it can be markup, and what XML cannot hold becomes U+FFFD. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
