# refused: is not empty
set -eu
at() {
  getent hosts "redis-cache-$1" | awk '{ print $1 ":6379" }'
}
redis-cli --cluster create "$(at 0)" "$(at 1)" "$(at 2)" "$(at 3)" "$(at 4)" "$(at 5)" --cluster-replicas 1 --cluster-yes
sleep 2
