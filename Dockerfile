# syntax=docker/dockerfile:1
# One image for the API and all workers: `docker run --init mosaicme worker --queues compose`.
# Bookworm, not Alpine, because Temporal's core needs glibc.

FROM node:22.23.2-bookworm-slim AS build
WORKDIR /app
# Before the sources, so that changes to these keep the layer with the packages.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# Removes Temporal's core for other platforms (five in all, 27 MB each), and types and source maps.
RUN own="$(uname -m)-unknown-linux-gnu" releases=node_modules/@temporalio/core-bridge/releases \
 && test -d "$releases/$own" \
 && find "$releases" -mindepth 1 -maxdepth 1 ! -name "$own" -exec rm -r {} + \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:22.23.2-bookworm-slim
# By default glibc keeps a memory arena per thread, of which libvips and Temporal's core have many, and keeps large freed blocks.
# After the attacks of tests/hostile, memory was 30 % higher than before; with these fixed thresholds, 9 %.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 DATA_DIR=/data
RUN install -d -o node -g node /data
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/scripts/mosaicme.mjs /app/scripts/node-version.mjs /app/scripts/closed-output.mjs /app/scripts/health.mjs scripts/
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# Files belong to root, so that the process cannot change itself. 1000 is the user `node`.
USER 1000
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "scripts/health.mjs"]
# No shell and no npm in between, so that SIGTERM reaches the program, which lets running steps finish.
ENTRYPOINT ["node", "scripts/mosaicme.mjs"]
CMD ["up"]
