const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration as rules write it: `5h`, `PT5H`, `P1DT2H`, `1.02:00:00`. */
export function parseDuration(text: string): number | undefined {
  const short = /^(\d{1,6})\s*([smhd])$/i.exec(text)
  if (short) return Number(short[1]) * (units[(short[2] ?? '').toLowerCase()] ?? 0)
  const iso = /^P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/i.exec(
    text,
  )
  if (iso && /\d/.test(text)) {
    const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0))
    return (
      (((weeks ?? 0) * 7 + (days ?? 0)) * 86_400 +
        (hours ?? 0) * 3600 +
        (minutes ?? 0) * 60 +
        (seconds ?? 0)) *
      1000
    )
  }
  const clock = /^(?:(\d{1,6})\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  if (!clock) return undefined
  const [days, hours, minutes, seconds] = clock.slice(1).map((part) => Number(part ?? 0))
  return ((days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000
}
