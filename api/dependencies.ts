import type { Client } from '@temporalio/client'
import type { Hono } from 'hono'
import type { Environment } from '../adapters/environment.ts'
import type { GalleryCache } from '../adapters/gallery-cache/gallery-cache.ts'
import type { GuardedFetch } from '../adapters/guarded-fetch/guarded-fetch.ts'
import type { Logger } from '../adapters/logger.ts'
import type { ObjectStore } from '../adapters/object-store/object-store.ts'
import type { RateLimits } from '../adapters/rate-limits/rate-limits.ts'
import type { TileSet } from '../engine/index.ts'
import type { ObjectRef } from '../workflows/contract/job.ts'
import type { Tenant } from './access/tenant.ts'
import type { SigningKey } from './img/signature.ts'
import type { Presets } from './schemas/resize-request.ts'
import type { LibraryTile } from './schemas/tiles.ts'
import type { SocialEnvironment } from './social/accounts.ts'

/** What the API is given by the process that runs it. It opens and closes none of these. */
export interface ApiDependencies {
  /** Over a `NativeConnection`, resizes start eagerly in this process; over a `Connection`, by way of the server. */
  client: Client
  /** Whether a worker in this process does the resizes. Default false. */
  resizesHere?: boolean
  store: ObjectStore
  cache: GalleryCache
  environment: Pick<
    Environment,
    | 'publicUrl'
    | 'apiKeys'
    | 'allowAnonymous'
    | 'limits'
    | 'webhookSecret'
    | 'inboxFolders'
    | 'moderate'
    | 'linkKey'
    | 'uploadTtlMs'
    | 'corsOrigins'
    | 'http'
  > &
    SocialEnvironment
  logger: Logger
  /** Who counts the requests of API keys. Default: this process. */
  rates?: RateLimits
  /** Address of the Temporal Web UI, for the jobs' links. */
  temporalUiUrl?: string
  /** The pages that people look at, mounted at `/`. */
  pages?: Hono
  /** Signed addresses: what they are signed with, and which sources they may name. Absent: there are none. */
  img?: { key: SigningKey; sources: readonly string[]; fetch: GuardedFetch }
  /** Named options of resizes, checked. */
  presets?: Presets
  /** The tile libraries as they are now. */
  listLibraries: () => Promise<readonly { name: string; tiles: number }[]>
  /** Opens one of them, for deep-zoom tiles that are rendered when somebody looks. Absent: only stored ones are served. */
  openLibrary?: (library: string) => Promise<TileSet>
  /** The tiles of a library in the order of being added; none when nobody has made it yet. */
  listTiles?: (library: string) => Promise<(Omit<LibraryTile, 'added_at'> & { addedAt: string })[]>
  /** Pixels of tiles as their library keeps them, by ID: sRGB, 64 px a side. Those that are gone are left out. */
  readTiles?: (library: string, ids: readonly string[]) => Promise<Map<string, Uint8Array>>
  /** Where the photo of a tile lies. */
  tilePhoto?: (library: string, tile: string) => ObjectRef
  /** Fills the gallery cache from the object store. Called when the cache turns out to be cold. */
  rebuildGallery?: () => Promise<unknown>
  /** On whose behalf a request is served: see `access/tenant.ts`. Absent: nobody's in particular. */
  tenant?: Tenant
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** What the middleware knows about a request. */
export interface ApiEnv {
  Variables: {
    /** Who asks: `anonymous`, or an API key's fingerprint. Idempotency keys are apart by it. */
    caller: string
    /** What they may see and how much they may ask for. */
    tenant: Tenant
    requestId: string
    /** Ends the caller's turn, where requests are taken in turn: see `jobs/in-turn.ts`. */
    endTurn?: () => void
  }
}
