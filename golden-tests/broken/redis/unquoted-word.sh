# refused: SC2086
set -eu
server=$(getent hosts redis-cache-0)
redis-cli -h $server -p 6379 CLUSTER INFO
