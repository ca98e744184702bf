/** The oldest supported Node. Checked before importing anything that an older one could not parse. */
const oldest = [20, 19]

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  console.error(
    `mosaicme: expected Node ${oldest.join('.')} or newer, got ${process.versions.node}. https://nodejs.org`,
  )
  process.exit(1)
}
