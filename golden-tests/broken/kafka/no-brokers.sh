# refused: without `BOOTSTRAP_SERVERS`
kafka-topics.sh --describe --topic orders
