# refused: no calls of a plan
set -eu
: "${BOOTSTRAP_SERVERS:?host:port of a broker}"
kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --describe --topic orders
kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --alter --topic orders --partitions twelve
kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --describe --topic orders
