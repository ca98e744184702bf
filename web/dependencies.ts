import type { Context } from 'hono'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import type { Assets } from './assets.ts'

/** What the pages are given by the process that runs them. */
export interface PagesDependencies {
  cache: GalleryCache
  /** Answers a request to the API, in this process: `app.fetch`. */
  api: (request: Request) => Response | Promise<Response>
  /** The folder that `web/vite.config.ts` built. */
  assets: { directory: string }
  /** Names of the tile libraries to choose from, beside `starter`. */
  libraries?: () => Promise<readonly string[]>
  /** The site's own address in links that leave it, without a final slash. Default: the one that was asked. */
  publicUrl?: string
  /** Origins that `/v1/jobs/:id/files/…` redirects to, such as an S3 store's. Pictures from there are let in. */
  pictureOrigins?: readonly string[]
  /** Bytes of an uploaded picture. Default 20 MiB. */
  maxPictureBytes?: number
  /** Mosaics on a page of the gallery. Default 24. */
  galleryPageSize?: number
  /** Photos are held until a moderator has seen them. Default: not. */
  holdsPhotos?: boolean
  /** Told of what broke a page; the visitor sees a sentence. */
  onError?: (error: Error) => void
}

/** The same, with every default filled in. */
export interface Site {
  cache: GalleryCache
  assets: Assets
  libraries: () => Promise<readonly string[]>
  pictureOrigins: readonly string[]
  maxPictureBytes: number
  galleryPageSize: number
  holdsPhotos: boolean
  /** An address of this site as the rest of the world reaches it. */
  absolute: (c: Context, path: string) => string
  /** Calls the API on behalf of the visitor. */
  callApi: (c: Context, path: string, init?: RequestInit) => Promise<Response>
}
