#!/bin/sh
# Starts a command with the settings and secrets this container was given as a file.
set -eu

if [ -f /run/essaim/settings.env ]; then
  set -a
  . /run/essaim/settings.env
  set +a
fi

if [ -z "${ESSAIM_PUBLIC_URL:-}" ]; then
  export ESSAIM_PUBLIC_URL="http://localhost:${ESSAIM_PUBLISHED_PORT:-8080}"
  # Behind Caddy every visitor comes from elsewhere. When Caddy listens on this machine only, and
  # nothing else is said to stand in front of it, the local mailbox may be read all the same.
  case "${ESSAIM_PUBLISHED_ON:-}" in 127.*) export ESSAIM_OPEN_MAILBOX=true ;; esac
fi
exec "$@"
