const secretOption = /^--?(?:[\w-]*-)?(?:password|passwd|secret|token|key|sas|credential)s?(?==|$)/i
const secretParameter =
  /([?&;\s](?:sig|password|token|key|secret|accountkey|sharedaccesssignature)=)[^&;\s]+/gi
const addressPassword = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi

/** Command-line words with passwords, keys, tokens and SAS signatures replaced by `***`. */
export function withoutSecrets(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const before = words[index - 1]
    if (before !== undefined && !before.includes('=') && secretOption.test(before) && !word.startsWith('--'))
      return '***'
    if (secretOption.test(word) && word.includes('=')) return `${word.slice(0, word.indexOf('='))}=***`
    return word.replaceAll(addressPassword, '$1***@').replaceAll(secretParameter, '$1***')
  })
}
