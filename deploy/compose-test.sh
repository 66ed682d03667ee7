#!/usr/bin/env bash
# Proves docker-compose.yml: builds, starts, plays a small edition through Caddy while every
# container is killed once, compares what is left everywhere, and removes all it made but the images.
#
#   deploy/compose-test.sh
#
# ESSAIM_BUILD_NETWORK=host builds through the host's network (deploy/compose.host-network.yml).
# PYTHON is an interpreter that has httpx and PyYAML. Ends by itself within sixteen minutes; a warm
# build takes six.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
export COMPOSE_PROJECT_NAME=essaim-test ESSAIM_BIND=127.0.0.1
ESSAIM_PORT=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export ESSAIM_PORT

if docker compose version >/dev/null 2>&1; then compose=(docker compose)
elif command -v docker-compose >/dev/null; then compose=(docker-compose)
else echo "compose-test needs Docker Compose, and a Docker engine." >&2; exit 2; fi
docker info >/dev/null 2>&1 || { echo "No Docker engine answers: start one, then try again." >&2; exit 2; }

files=(-f docker-compose.yml -f deploy/compose.test.yml)
[ "${ESSAIM_BUILD_NETWORK:-}" != host ] || files+=(-f deploy/compose.host-network.yml)
compose+=("${files[@]}")

log=$(mktemp "${TMPDIR:-/tmp}/compose-test.XXXXXX")
finish() {
  status=$?
  if [ $status -eq 0 ]; then rm -f "$log"
  else
    [ $status -ne 124 ] || echo " no longer waited for: $SECONDS s have passed"
    timeout 30 "${compose[@]}" logs --no-color >"$log.containers" 2>&1 || true
    echo "FAILED ($status). See $log (commands) and $log.containers (logs), which ends with:"
    tail -n 30 "$log.containers" | cut -c 1-200
  fi
  timeout 60 "${compose[@]}" down --volumes --remove-orphans --timeout 5 >/dev/null 2>&1 || true
  [ -z "$(docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ] \
    || { echo "Containers are left: docker ps -a --filter name=$COMPOSE_PROJECT_NAME" >&2; status=1; }
  exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

deadline=900
step() {  # step WORDS COMMAND...: one line on success, the end of the output on failure
  local words=$1 begin=$SECONDS
  shift
  printf '%-58s' "$words"
  if timeout $((deadline - SECONDS)) "$@" >>"$log" 2>&1; then printf '%4ss\n' $((SECONDS - begin))
  else echo " failed after $((SECONDS - begin)) s"; tail -n 40 "$log"; return 1; fi
}

"${compose[@]}" down --volumes --remove-orphans --timeout 5 >>"$log" 2>&1  # of a run cut short
step "Build the images" "${compose[@]}" build
step "Start (secrets, NATS, PostgreSQL, topology, services, Caddy)" "${compose[@]}" up -d
ESSAIM_COMPOSE="${compose[*]}" timeout $((deadline - SECONDS)) \
  "$python" deploy/compose_test.py "http://127.0.0.1:$ESSAIM_PORT"
echo "All is well after $SECONDS s."
