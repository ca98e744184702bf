# syntax=docker/dockerfile:1
# One image for the API and for every worker: `docker run --init mosaicme worker --queues compose`.
# Bookworm and not Alpine: Temporal's core is built for glibc.

FROM node:22.23.2-bookworm-slim AS build
WORKDIR /app
# Before the sources, so that a change of these leaves the packages' layer alone.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# Temporal's core comes for five platforms, 27 MB each; types and maps are for those who build.
RUN own="$(uname -m)-unknown-linux-gnu" releases=node_modules/@temporalio/core-bridge/releases \
 && test -d "$releases/$own" \
 && find "$releases" -mindepth 1 -maxdepth 1 ! -name "$own" -exec rm -r {} + \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:22.23.2-bookworm-slim
# glibc keeps an arena of memory per thread otherwise, and libvips and Temporal's core have many; and what was large for a
# while: after the attacks of tests/hostile 30 % more than before, with fixed thresholds 9 %.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 DATA_DIR=/data
RUN install -d -o node -g node /data
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/scripts/mosaicme.mjs /app/scripts/node-version.mjs /app/scripts/closed-output.mjs /app/scripts/health.mjs scripts/
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The files stay root's: what runs may not change itself. 1000 is the user `node`.
USER 1000
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "scripts/health.mjs"]
# No shell and no npm in between: SIGTERM reaches the program, which lets running steps come to their end.
ENTRYPOINT ["node", "scripts/mosaicme.mjs"]
CMD ["up"]
