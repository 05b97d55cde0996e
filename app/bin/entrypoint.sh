#!/bin/sh
# Entry point of the image. A new volume belongs to root: give it to the server, then drop all rights.
# Started as another user than root, it changes nothing.
set -eu
if [ "$(id -u)" = 0 ]; then
  if [ -n "${NEARBOX_DISK_CACHE:-}" ] && [ -d "$NEARBOX_DISK_CACHE" ]; then
    chown 1000:1000 "$NEARBOX_DISK_CACHE"
  fi
  exec setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs "$@"
fi
exec "$@"
