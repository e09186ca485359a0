# An image that holds capgen and nothing else: no shell, no git, no kubectl.
#
#   docker build --tag capgen .
#   docker run --rm --network none --user "$(id -u):$(id -g)" --volume "$PWD:/work" capgen build --check
FROM rust:1.95-alpine AS build
# hadolint ignore=DL3018 # The C library that belongs to the image's compiler has no version of its own.
RUN apk add --no-cache musl-dev
WORKDIR /capgen
COPY . .
RUN cargo build --release --locked

FROM scratch
COPY --from=build /capgen/target/release/capgen /capgen
WORKDIR /work
USER 65534:65534
ENTRYPOINT ["/capgen"]
