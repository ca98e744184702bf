/** The old `/result?id=` page: it waits for the picture and shows it. It needs no script here. */
const secondsBetweenLooks = 4

export const legacyResultPage = (id: string, picture: { bytes: Buffer } | undefined) => {
  const address = picture && `data:image/png;base64,${picture.bytes.toString('base64')}`
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1.0" />
        <title>Result</title>
        {!address && id !== '' && <meta http-equiv="refresh" content={String(secondsBetweenLooks)} />}
      </head>
      <body>
        {address ? (
          <>
            <img src={address} alt="Resized as asked" />
            <div>
              <a download={`${id}.PNG`} href={address}>
                Download
              </a>
            </div>
          </>
        ) : (
          <h4 id="status">Loading...</h4>
        )}
      </body>
    </html>
  )
}
