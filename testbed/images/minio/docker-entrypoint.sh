#!/bin/sh
# Does what Silo's entry point does: https://github.com/pgsty/silo/tree/main/dockerscripts
# Arguments alone are arguments of the server.
if [ "${1:-}" != silo ]; then set -- silo "$@"; fi

# Root may hand over to another user.
if [ -n "${MINIO_USERNAME:-}" ] && [ -n "${MINIO_GROUPNAME:-}" ]; then
  user=${MINIO_UID:-1000} group=${MINIO_GID:-1000}
  echo "$MINIO_USERNAME:x:$user:$group:$MINIO_USERNAME:/:/sbin/nologin" >>/etc/passwd
  echo "$MINIO_GROUPNAME:x:$group" >>/etc/group
  exec chroot --userspec="$user:$group" / "$@"
fi
exec "$@"
