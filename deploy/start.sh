#!/bin/sh
# Starts a command with the settings and secrets this container was given as a file.
set -eu

if [ -f /run/essaim/settings.env ]; then
  set -a
  . /run/essaim/settings.env
  set +a
fi

if [ -n "${ESSAIM_UNSERVED_DOMAIN:-}" ]; then
  echo "ESSAIM_DOMAIN is $ESSAIM_UNSERVED_DOMAIN, but nothing here serves it. Write into .env also" >&2
  echo "COMPOSE_FILE=docker-compose.yml:deploy/compose.https.yml, or remove ESSAIM_DOMAIN." >&2
  exit 2
fi
unset ESSAIM_UNSERVED_DOMAIN

if [ -z "${ESSAIM_PUBLIC_URL:-}" ]; then
  export ESSAIM_PUBLIC_URL="http://localhost:${ESSAIM_PUBLISHED_PORT:-8080}"
  # Behind Caddy every visitor comes from elsewhere. When Caddy listens on this machine only, and
  # nothing else is said to stand in front of it, the local mailbox may be read all the same.
  # Only notifications is told of a mail server, and has a mailbox.
  case "${ESSAIM_SMTP_URL+mail} ${ESSAIM_PUBLISHED_ON:-}" in
    "mail 127."*) export ESSAIM_OPEN_MAILBOX=true ;;
  esac
fi

if [ -n "${ESSAIM_TRUSTED_PROXIES:-}" ] && [ -n "${FORWARDED_ALLOW_IPS:-}" ]; then
  # Caddy wants them apart by spaces, uvicorn by commas.
  proxies=$(echo "$ESSAIM_TRUSTED_PROXIES" | tr -s ' ' ',')
  export FORWARDED_ALLOW_IPS="$FORWARDED_ALLOW_IPS,$proxies"
fi
unset ESSAIM_TRUSTED_PROXIES

# Compose passes on as empty what nobody set, and to a bucket's library that is a wrong value.
for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_ENDPOINT_URL; do
  if eval "[ -z \"\${$name:-}\" ]"; then unset "$name"; fi
done
exec "$@"
