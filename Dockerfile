# syntax=docker/dockerfile:1
# Two stages: build and prune, then copy only what runs: JavaScript in dist/, the demo, the network.
# By the digest of its index, which has linux/amd64 and linux/arm64: the same base for everybody, every time.
ARG NODE=24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6
FROM node:${NODE} AS build
WORKDIR /nearbox
# Install scripts stay off (.npmrc): ONNX Runtime's would download CUDA builds; its CPU build is in the
# package.
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.client.json ./
RUN npm ci --no-audit --no-fund
COPY app ./app
COPY cache ./cache
COPY octree ./octree
COPY inference ./inference
RUN npm run build && rm -r dist/types dist/client.js
RUN npm prune --omit=dev --no-audit --no-fund
# What is in it, for scanners: CycloneDX. npm would miss the development packages that package.json names.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json
# ONNX Runtime ships every platform: keep this one.
RUN cd node_modules/onnxruntime-node/bin/napi-v6 \
  && for platform in *; do [ "$platform" = linux ] || rm -rf "$platform"; done \
  && arch="$(node -p process.arch)" && for one in linux/*; do [ "$one" = "linux/$arch" ] || rm -rf "$one"; done
# Types and source maps are for those who write code.
RUN find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM node:${NODE}
ENV NODE_ENV=production NEARBOX_HOST=0.0.0.0 NEARBOX_PORT=8080
WORKDIR /nearbox
COPY --from=build /nearbox/node_modules ./node_modules
COPY --from=build /nearbox/dist ./dist
COPY --from=build /nearbox/sbom.cdx.json ./sbom.cdx.json
COPY package.json LICENSE ./
COPY app/bin ./app/bin
COPY app/demo ./app/demo
COPY inference/model ./inference/model
# For NEARBOX_DISK_CACHE, if it is set: what is lost with the container costs time and nothing else.
RUN mkdir -p /var/cache/nearbox && chown node:node /var/cache/nearbox
# The program and its dependencies belong to root: the server cannot change them. The entry point starts as
# root only to give a new volume to the server (uid 1000), and drops all rights; `--user 1000` skips that
# step.
EXPOSE 8080
# Whether the process lives. Readiness is for whoever sends it requests: /readyz.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.NEARBOX_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Exec form: Node is the process that gets the signals.
ENTRYPOINT ["app/bin/entrypoint.sh"]
CMD ["node", "app/bin/nearbox.mjs", "serve"]
