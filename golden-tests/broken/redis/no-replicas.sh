# refused: (3, 1) masters and replicas were planned; these have [0, 0, 0]
set -eu
at() {
  getent hosts "redis-cache-$1" | awk '{ print $1 ":6379" }'
}
redis-cli --cluster create "$(at 0)" "$(at 1)" "$(at 2)" --cluster-replicas 0 --cluster-yes
