# refused: not found
set -eu
: "${BOOTSTRAP_SERVERS:?host:port of a broker}"
kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" --describe --topic orders
reboot
