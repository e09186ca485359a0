# refused: SC2034
GROUP=orders
set -eu
: "${BOOTSTRAP_SERVERS:?host:port of a broker}"

kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --describe --topic 'xact.downloads.pending'
kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --alter --topic 'xact.downloads.pending' --partitions 36
kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --describe --topic 'xact.downloads.pending'
